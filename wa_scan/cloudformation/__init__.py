"""CloudFormation templates.

Takes a template's path; gives an `EvaluatedUnit`: every resource with its properties, evaluated
symbolically over parameters and conditions, and where each was written. Start at `evaluate.py`.
"""
