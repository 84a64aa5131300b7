"""Stores of revisions: SQLite and PostgreSQL, by one definition."""
