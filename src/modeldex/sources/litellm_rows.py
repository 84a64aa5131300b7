"""Rows of litellm's cost map that price another row's model under a condition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

REGIONS = r"(?:[a-z]{2}(?:-gov)?-[a-z]+-\d|us|eu|apac|us-gov|global|global-standard)"
# `quality/size/steps/model`: what an image of one size costs
SIZED = re.compile(
    r"(?:(?P<path>.*)/)?(?P<size>(?:\d+|max)-x-(?:\d+|max))/"
    r"(?:(?P<steps>\d+|max)-steps/)?(?P<model>.*)"
)
REGIONAL = re.compile(
    rf"(?P<route>bedrock|bedrock_mantle|azure|azure_ai)/(?P<region>{REGIONS})/(?P<model>.*)"
)
GLOBAL = ("global", "global-standard")


def sized_row(key: str, row: Mapping[str, Any]) -> tuple[str, dict[str, str]] | None:
    """Return the model of a row for one image size, and the size, quality and steps."""
    found = SIZED.fullmatch(key)
    if not found:
        return None
    conditions = {"size": _size(found["size"])}
    quality = (found["path"] or "").rpartition("/")[2]
    if quality and quality != row.get("litellm_provider"):
        conditions["quality"] = quality
    if found["steps"]:
        conditions["steps"] = found["steps"]
    return found["model"], conditions


def _size(text: str) -> str:
    width, _, height = text.partition("-x-")
    return "max" if width == height == "max" else f"{width}x{height}"


def regional_row(key: str) -> tuple[str, dict[str, str]] | None:
    """Return the key of the model of a regional row, and its region."""
    found = REGIONAL.fullmatch(key)
    if not found:
        return None
    return f"{found['route']}/{found['model']}", {"region": found["region"]}
