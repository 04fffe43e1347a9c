"""The resource graph and the questions that rules ask of it.

Takes canonical resources and links; gives a `Graph` (on networkx).
"""
