"""YAML in and out: the authored files, read safely and edited in place."""
