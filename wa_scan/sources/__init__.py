"""Finding what to scan.

Takes paths; gives units (Terraform root modules, CloudFormation templates) and what could not be
read. Walks folders, honours `.gitignore`, and tells templates from other YAML and JSON by a cheap
look before any parser runs.
"""
