"""This package answers SQL: sqlglot reads the statement, SQLite carries it out over the records it concerns."""

from driftsync.lab.instance.sql.running import describe_query, run_query, run_statement

__all__ = ["describe_query", "run_query", "run_statement"]
