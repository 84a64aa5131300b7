"""`python -m modeldex`."""

from modeldex.cli import script

script()
