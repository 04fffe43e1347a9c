"""The command line: one file a command.

A command turns flags into a call and a report into an exit status. Nothing but click is imported
until a command runs.
"""
