"""Migrations of the tables, by Alembic; one file per version."""
