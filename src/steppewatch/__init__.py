"""Steppewatch: one live, accountable picture of a long border."""

__version__ = "0.1.0"
