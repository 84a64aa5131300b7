"""What the translators share: reading numbers, dates and ids of a source safely."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.claims import Claims
from modeldex.domain.ref import is_model_id

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Claims",
    "Json",
    "ability_claims",
    "add_model",
    "amount",
    "flag_claims",
    "full_date",
    "iso_date",
    "modality_claims",
    "modality_lists",
    "per_million",
    "plain_text",
    "rejected_id",
    "token_count",
    "web_address",
]

# a decoded JSON value, its numbers int and Decimal; translators check as they read
Json = Any

# digits from which on a number is taken for the noise of binary arithmetic, and
# what is left of it when the noise is rounded away
NOISY_DIGITS, CLEAN_DIGITS = 15, 8
# powers of ten beyond which a number is no amount of money
MAX_MAGNITUDE = 15
MAX_TEXT = 200
MAX_TOKENS = 1_000_000_000
# no served model is older; an earlier date (1970-01-01) is an empty clock
EARLIEST_DATE = "2015"

_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/#?=&%-]*)?")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
MODALITIES = ("text", "image", "audio", "video", "pdf")

_INPUT_CAPABILITIES = {
    "audio": "audio_input",
    "image": "vision",
    "pdf": "pdf_input",
    "video": "video_input",
}
_OUTPUT_CAPABILITIES = {
    "audio": "audio_output",
    "image": "image_output",
    "video": "video_output",
}


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def amount(value: object) -> Decimal | None:
    """Return an amount without exponent and trailing zeros, or None for no number.

    A number of 15 digits or more that is a short one plus the noise of binary
    arithmetic (0.04999999999999999) is read as the short one.
    """
    number = _number(value)
    if number is None or (number and abs(number.adjusted()) > MAX_MAGNITUDE):
        return None
    if len(number.as_tuple().digits) >= NOISY_DIGITS:
        short = number.normalize()
        rounded = Decimal(f"{short:.12g}").normalize()
        if len(rounded.as_tuple().digits) <= CLEAN_DIGITS:
            number = rounded
    number = number.normalize()
    return number.quantize(Decimal(1)) if number.as_tuple().exponent > 0 else number  # type: ignore[operator]


def per_million(value: object) -> Decimal | None:
    """Return USD per 1,000,000 of what the number prices one of, exactly."""
    number = _number(value)
    return None if number is None else amount(number.scaleb(6))


def token_count(value: object) -> int | None:
    """Return a positive whole number, or None; zero means unknown."""
    number = _number(value)
    if number is None or number != number.to_integral_value():
        return None
    return int(number) if 0 < number <= MAX_TOKENS else None


def iso_date(value: object) -> str | None:
    """Return `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or None for anything else.

    A date before 2015 is unknown: it is the zero of a clock, not a release.
    """
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    return value if value >= EARLIEST_DATE else None


def full_date(value: object) -> str | None:
    """Return a full ISO date that exists, or None."""
    text = iso_date(value)
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None


def plain_text(value: object) -> str | None:
    """Return a short, one-line text without control characters, or None."""
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    return text if 0 < len(text) <= MAX_TEXT and text.isprintable() else None


def web_address(value: object) -> str | None:
    """Return a URL without credentials and placeholders, or None."""
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


def rejected_id(model: str) -> bool:
    """Tell whether a shipped model may not have this id."""
    return not is_model_id(model) or "*" in model


def modality_claims(inputs: Json, outputs: Json) -> dict[str, Any]:
    """Return what two lists of modalities say: yes for members, no for the rest."""
    sides = {"input": inputs, "output": outputs}
    if not all(isinstance(some, list) and some for some in sides.values()):
        return {}
    said: dict[str, Any] = {}
    tables = (_INPUT_CAPABILITIES, inputs), (_OUTPUT_CAPABILITIES, outputs)
    for table, some in tables:
        for modality, name in table.items():
            said[f"capabilities.{name}"] = modality in some
    known = modality_lists(sides)
    return {"modalities": known, **said} if known else said


def modality_lists(sides: Mapping[str, Json]) -> dict[str, list[str]] | None:
    """Return the known modalities of each side, or None where a side is unknown."""
    known = {
        side: [name for name in MODALITIES if isinstance(some, list) and name in some]
        for side, some in sides.items()
    }
    return known if all(known.values()) else None


def flag_claims(
    row: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what a row's flags say: of abilities and requests, and of parameters.

    `names` is a source's table of `domain.capability_details`; of two flags for one
    fact the first wins. Parameters are by their capability.
    """
    said: dict[str, Any] = {}
    parameters: dict[str, dict[str, Any]] = {}
    for name, targets in names.items():
        value = row.get(name)
        if not isinstance(value, bool):
            continue
        for target in targets.split():
            ability, *rest = target.split(".")
            if ability == "request":
                said.setdefault(f"request_parameters.{rest[0]}", value)
            elif not rest:
                said.setdefault(f"capabilities.{ability}", value)
            else:
                _set_parameter(parameters.setdefault(ability, {}), rest, value)
    return said, parameters


def _set_parameter(known: dict[str, Any], path: list[str], value: bool) -> None:  # noqa: FBT001
    """Set a flag, a flag of a word, or add a word to a list of what there is."""
    if len(path) == 1:
        known.setdefault(path[0], value)
    elif path[0].endswith("_flags"):
        known.setdefault(path[0], {}).setdefault(path[1], value)
    elif value:
        known.setdefault(path[0], []).append(path[1])


def ability_claims(
    said: dict[str, Any], parameters: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the claims with the parameters of what a model can.

    A parameter that is there says that its ability is; nothing is told of the
    parameters of an ability that is stated not to be there, or not stated at all.
    """
    for ability, known in parameters.items():
        name = f"capabilities.{ability}"
        stated = said.get(name)
        if known and (stated is True or (stated is None and _is_there(known))):
            said[name] = dict(known)
    return said


def _is_there(known: Mapping[str, Any]) -> bool:
    return any(
        True in value.values() if isinstance(value, dict) else value is True
        for value in known.values()
    )


def add_model(
    models: dict[tuple[str, str], dict[str, Any]],
    provider: str,
    model: str,
    facts: Mapping[str, Any],
) -> None:
    """Add what a row says; where a source has two rows for one id, the first wins."""
    known = models.setdefault((provider, model), {})
    for name, value in facts.items():
        if value is not None:
            known.setdefault(name, value)
