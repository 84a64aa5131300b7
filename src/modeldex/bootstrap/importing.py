"""Importing: which source is translated by which module, and where claims are."""

from __future__ import annotations

import os
import time
from datetime import date
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from modeldex.bootstrap import DATA, PROVIDERS, today
from modeldex.catalog.merging.claims import ClaimLines, Packed, decode
from modeldex.config import load_settings
from modeldex.errors import InvalidInputError
from modeldex.sources.packages import (
    date_in_name,
    newest_day,
    newest_member_day,
    read_payload,
)
from modeldex.sources.registries import fetch_package, read_pins
from modeldex.usecases.catalog_import import import_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from modeldex.sources.claim import Json
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

    `into` is the shipped files' directory by default. The packed claims are kept
    inside the directory, those of the shipped files in `data/`. A source without a
    date is taken as of the day that its file tells, see `day_of`. Raises
    SourceError, SourceFormatError, InvalidInputError or AuthoringError.
    """
    claims, notes = [], []
    for name, file, given_day in given:
        if name not in SOURCES:
            raise InvalidInputError(
                f"unknown source {name!r}; known are {', '.join(SOURCES)}"
            )
        path = Path(file)
        day = _checked(given_day or date_in_name(path), file)
        payload = read_payload(name, path)
        if day is None:
            day, why = day_of(name, path, payload)
            if why:
                notes.append(
                    f"{name}: {file} is taken as of {day}, {why}; "
                    f"{name}={file}@YYYY-MM-DD says another day"
                )
        claims.append(import_module(SOURCES[name]).translate(payload, day))
    directory = into or PROVIDERS
    if not dry_run:
        os.makedirs(directory, exist_ok=True)
    report = import_claims(claims, directory, claims_of(directory), dry_run=dry_run)
    report.notes += notes
    return report


def _checked(day: str | None, file: str) -> str | None:
    """Return the day unless it is no date."""
    try:
        if day is None or date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise InvalidInputError(f"{file}: {day!r} is no date; write YYYY-MM-DD")


def claims_of(directory: str) -> str:
    """Return where the packed claims of a directory of provider files are."""
    if os.path.realpath(directory) == os.path.realpath(PROVIDERS):
        return CLAIMS
    return os.path.join(directory, _CLAIMS_NAME)


def day_of(name: str, path: Path, payload: Json) -> tuple[str, str]:
    """Return the day of a file that does not say it, and why that one.

    The pinned package's day needs no reason. Else the day is the newest that
    the payload or its package tells, else that of the file itself; never one to
    come.
    """
    pinned = _pinned_day(path)
    if pinned:
        return pinned, ""
    until = today()
    inside = {"models.dev": "last_updated", "genai-prices": "start_date"}.get(name, "")
    told = newest_day(payload, inside, until)
    if told and name == "models.dev":
        return told, "the newest last_updated in it"
    packed = newest_member_day(path, until)
    if packed:
        return packed, "the newest day in the package"
    if told:
        return told, "the newest start_date in it"
    seconds = time.gmtime(path.stat().st_mtime)
    return min(time.strftime("%Y-%m-%d", seconds), until), "the day of the file itself"


def _pinned_day(path: Path) -> str | None:
    if not path.is_file() or not os.path.exists(PINS):
        return None
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    pins = read_pins(Path(PINS)).values()
    return next((pin["date"] for pin in pins if pin["sha256"] == digest), None)


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
    its claims lie inside the directory or beside it, if it has any.
    """
    data = _claims(path)
    return Packed({}, {}) if data is None else decode(data)


def read_claim_lines(path: str | None = None) -> ClaimLines | None:
    """Return the claims as `read_claims` does, to be read a model at a time."""
    data = _claims(path)
    return None if data is None else ClaimLines(data)


def _claims(path: str | None) -> bytes | None:
    claims = CLAIMS
    if path is not None:
        folder = os.path.dirname(os.path.abspath(path))
        places = [os.path.join(path, _CLAIMS_NAME), os.path.join(folder, _CLAIMS_NAME)]
        claims = next(filter(os.path.exists, places), "")
    if not claims:
        return None
    with open(claims, "rb") as file:
        return file.read()
