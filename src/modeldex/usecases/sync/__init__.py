"""Keeping the catalogue true: what sources say now, held against what is served."""
