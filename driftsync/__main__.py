"""This module lets `python -m driftsync` do what the console script does."""

from driftsync.cli import main

main()
