"""Which model a text means: exactly, by a written rule, or not at all."""
