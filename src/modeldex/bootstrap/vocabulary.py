"""`make vocabulary`: write the tables that are made of data/capabilities.yaml."""

from __future__ import annotations

import os
import re

from modeldex.bootstrap import DATA
from modeldex.usecases.vocabulary import read_vocabulary, write_markdown, write_tables

AUTHORED = os.path.join(DATA, "capabilities.yaml")
_PACKAGE = os.path.dirname(DATA)
DOMAIN = os.path.join(_PACKAGE, "domain")
PAGE = os.path.join(_PACKAGE, "..", "..", "docs", "capabilities.md")
_BLOCK = re.compile("(<!-- made by [^\n]*\n).*?(<!-- end -->)", re.DOTALL)


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def made() -> dict[str, str]:
    """Return the text of each file that is made of the vocabulary, by its path.

    The page of the documents is one of them in a checkout.
    """
    vocabulary = read_vocabulary(_read(AUTHORED))
    tables = write_tables(vocabulary)
    files = {os.path.join(DOMAIN, name): text for name, text in tables.items()}
    if os.path.exists(PAGE):
        table = write_markdown(vocabulary)
        files[PAGE] = _BLOCK.sub(lambda m: m[1] + table + m[2], _read(PAGE))
    return files


def write() -> None:
    """Write the files."""
    for path, text in made().items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    write()
