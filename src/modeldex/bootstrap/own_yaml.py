"""A provider's file in a directory of one's own YAML: read, changed, replaced whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from modeldex.catalog.authoring.load import SUFFIXES, load_file
from modeldex.catalog.snapshot import write_snapshot
from modeldex.errors import AuthoringError

if TYPE_CHECKING:
    from collections.abc import Callable


def change_file(
    directory: str, provider: str, change: Callable[[str], str]
) -> tuple[str, str, str]:
    """Return a provider's file, its text, and what a change makes of it.

    A file that is not there has no text. Raises AuthoringError where the change makes
    errors, OSError.
    """
    path = _path_of(directory, provider)
    before = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
    return path, before, change(before)


def write_file(path: str, text: str) -> None:
    """Replace a file whole; raise OSError, AuthoringError for one with errors."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    write_snapshot(text.encode(), path)
    layer = load_file(path)
    if layer.errors:  # pragma: no cover  every change is read again before
        raise AuthoringError(layer.errors)


def _path_of(directory: str, provider: str) -> str:
    """Return the file that is a provider's: by what it says, else by its name."""
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    for name in names:
        path = os.path.join(directory, name)
        is_ours = name.endswith(SUFFIXES) and not name.startswith(".")
        if is_ours and load_file(path).provider.get("provider") == provider:
            return path
    return os.path.join(directory, f"{provider}.yaml")
