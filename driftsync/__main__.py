"""This module is where both `driftsync` and `python -m driftsync` begin.

The child of a connection imports what its parent began with, and has no use for a command line: it is loaded by `main`.
"""


def main() -> None:
    """Run the command line."""
    from driftsync.cli import main as run

    run()


if __name__ == "__main__":
    main()
