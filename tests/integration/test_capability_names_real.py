"""Every capability name of the real sources is ours, or dropped with a reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from capability_names import (
    SOURCES,
    names_in_litellm,
    names_in_models_dev,
    names_in_openrouter,
    names_in_pi_ai,
)
from modeldex.domain.capability_details import DROPPED, SOURCE_NAMES

SHARED = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not (SHARED / "sources").is_dir() or not (SHARED / "upstream").is_dir(),
    reason="the real sources are not beside the project",
)


def _json(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def _source(start: str) -> Any:
    (path,) = (SHARED / "sources").glob(f"{start}*")
    return _json(path)


def _openrouter() -> set[str]:
    names: set[str] = set()
    for path in (SHARED / "upstream" / "openrouter").glob("*models.*"):
        payload = _json(path)
        rows = payload["data"] if isinstance(payload, dict) else payload
        names |= names_in_openrouter(rows)
    return names


READERS = {
    "litellm": lambda: names_in_litellm(_source("litellm")),
    "models.dev": lambda: names_in_models_dev(_source("models.dev")),
    "openrouter": _openrouter,
    "pi-ai": lambda: names_in_pi_ai(_source("pi-ai")),
}


@pytest.mark.parametrize("source", READERS)
def test_every_name_is_mapped_or_listed_as_dropped(source: str) -> None:
    """100 % of the names that a source uses; the committed list has them all too."""
    found = READERS[source]()
    assert found
    known = {*SOURCE_NAMES[source], *DROPPED.get(source, ())}
    assert found - known == set()
    assert found - set(SOURCES[source]) == set()
