"""wa-scan reviews infrastructure code the way a Well-Architected review would."""

__version__ = "0.1.0"
