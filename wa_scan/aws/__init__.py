"""One vocabulary for AWS.

Takes evaluated blocks of either language; gives canonical resources in the CloudFormation
registry's terms (`AWS::RDS::DBInstance`, `MultiAZ`), with the defaults that hold in the language
they came from, and the links between them. Past this package no code asks which language a
resource was written in.
"""
