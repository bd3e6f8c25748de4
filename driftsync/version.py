"""This module knows which driftsync this is."""

__version__ = "0.1.0"
