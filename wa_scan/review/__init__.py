"""The review: findings and graph become scores, summaries and the whole of a report.

Takes a rule run and the graph; gives a `Report`.
"""
