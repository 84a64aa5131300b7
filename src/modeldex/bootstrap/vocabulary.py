"""`make vocabulary`: write the tables that are made of data/capabilities.yaml."""

from __future__ import annotations

import os

from modeldex.bootstrap import DATA
from modeldex.usecases.vocabulary import read_vocabulary, write_tables

AUTHORED = os.path.join(DATA, "capabilities.yaml")
DOMAIN = os.path.join(os.path.dirname(DATA), "domain")


def made() -> dict[str, str]:
    """Return the text of each module that is made of the vocabulary, by its path."""
    with open(AUTHORED, encoding="utf-8") as file:
        tables = write_tables(read_vocabulary(file.read()))
    return {os.path.join(DOMAIN, name): text for name, text in tables.items()}


def write() -> None:
    """Write the modules."""
    for path, text in made().items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    write()
