"""Rules and what they find.

Takes the graph; loads the rules (declarations and functions), runs them, gives findings.
"""
