"""How instances tell each other that there is a revision."""
