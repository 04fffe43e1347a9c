"""Modules from elsewhere: from registries, git and archives, kept in a cache.

Takes a module call's `source` and `version`, gives a folder. Nothing here runs unless it was asked for;
sources and everything that a server answers are untrusted.
"""
