"""Facts to YAML text: the one place that decides how a value is written."""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.parse import has_bad_character
from modeldex.catalog.authoring.scalars import is_date
from modeldex.catalog.authoring.schema import (
    MODEL_KEYS,
    MODEL_TABLE,
    PROVIDER_TABLE,
)
from modeldex.domain.pricing import METERS, WORDS, grouped
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Facts = Mapping[str, Any]

# where plain text could be read as something else: indicators and separators
_PLAIN = re.compile(r"[\w./($<\u00a1-\uffff][^\x00-\x1f\x7f\"\\]*")
_UNSAFE_IN_BLOCK = re.compile(r":(?:\s|$)|\s#|\s$|^(?:---|\.\.\.)")
_UNSAFE_IN_FLOW = re.compile(r"[][{},?]|:(?:\s|$)|\s#|\s$|^(?:---|\.\.\.)")
# a number in YAML 1.2, which editors read
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+\.?\d*)(?:[eE][-+]?\d+)?|0[ox][0-9a-fA-F]+")
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_LAST_OF_FOUR_DIGITS = 0xFFFF
_BARE = re.compile(r"[0-9][0-9A-Za-z.-]*")  # a date or count of a condition
_DATE_KINDS = ("date", "day", "stamp")
_KIND = {name: field.kind for name, field in (PROVIDER_TABLE | MODEL_TABLE).items()}
_FLAGGED = ("capabilities", "features", "requests")
_METER_ORDER = {name: index for index, name in enumerate((*WORDS, *METERS))}


@lru_cache(maxsize=8192)
def text(value: str, *, in_flow: bool = True) -> str:
    """Write text plainly where it would be read back as text, else in quotes.

    Raises InvalidInputError for characters that no file may hold.
    """
    unsafe = _UNSAFE_IN_FLOW if in_flow else _UNSAFE_IN_BLOCK
    if (
        _PLAIN.fullmatch(value)
        and not unsafe.search(value)
        and value.isprintable()
        and not _is_special(value)
    ):
        return value
    if has_bad_character(value):
        message = f"{show(value)} holds a character that no file may hold"
        raise InvalidInputError(message)
    return '"' + "".join(_escape(character) for character in value) + '"'


def _is_special(value: str) -> bool:
    """Tell whether YAML 1.1 or 1.2 reads plain text as a number, flag, date or null."""
    if _NUMBER.fullmatch(value):
        return True
    rules = [*_RESOLVERS.get(value[:1], ()), *_RESOLVERS.get(None, ())]
    return any(pattern.match(value) for _, pattern in rules)


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def number(amount: object) -> str:
    """Write a Decimal, int or float plainly: no exponent, no trailing zeros."""
    plain = str(amount)
    if not isinstance(amount, int):
        from decimal import Decimal

        plain = format(Decimal(plain), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("", "-0") else plain


def flag(value: bool) -> str:  # noqa: FBT001
    """Write yes or no."""
    return "yes" if value else "no"


def json_like(value: Any) -> str:
    """Write any nested value on one line; whole numbers, true, false, null plainly."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return text(value)
    if hasattr(value, "items"):
        return flow(value, json_like)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(json_like(item) for item in value)}]"
    return number(value)


def flow(value: Facts, write: Any) -> str:
    """Write a mapping on one line, its values by `write`."""
    pairs = (f"{text(str(key))}: {write(item)}" for key, item in value.items())
    return "{" + ", ".join(pairs) + "}"


def member(kind: str, value: Any) -> str:
    """Write one member of a mapping of this kind of field."""
    if kind in _FLAGGED and isinstance(value, bool):
        return flag(value)
    if kind == "limitations":
        return limitation(value)
    return json_like(value)


def limitation(value: Facts) -> str:
    """Write a limitation: its value alone, where it has neither unit nor note."""

    def write(item: Any) -> str:
        return flag(item) if isinstance(item, bool) else json_like(item)

    return write(value["value"]) if list(value) == ["value"] else flow(value, write)


def features(value: Facts) -> str:
    """Write a list of what is there, or a mapping where something is not."""
    return json_like(list(value)) if all(value.values()) else flow(value, flag)


def pricing(value: Facts) -> str:
    """Write amounts by meter, or the state word alone."""
    if list(value) == ["state"]:
        return str(value["state"])
    ordered = sorted(value.items(), key=lambda pair: _METER_ORDER.get(pair[0], 99))
    return flow(dict(ordered), json_like)


def rates(value: Facts) -> dict[str, str]:
    """Write amounts by meter on one line for each text of conditions, in order."""
    return {line: flow(meters, number) for line, meters in grouped(value).items()}


def contract_rows(value: Any) -> list[str]:
    """Write each row of a contract on one line: models, conditions, then meters."""
    return [flow(dict(row), _in_row) for row in value]


def _in_row(value: Any) -> str:
    # conditions are plain: dates and counts are read as text whatever they look like
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else text(value)
    return json_like(value)


def block(key: str, value: Any, step: str = "  ") -> list[str]:
    """Write a key with its value in block style: rates and contracts line by line."""
    lines: list[str] = []
    if key == "rates":
        pairs = rates(value).items()
        lines = [f"{text(line, in_flow=False)}: {meters}" for line, meters in pairs]
    elif key == "contract":
        lines = [f"- {row}" for row in contract_rows(value)]
    if lines:
        return [f"{key}:", *(step + line for line in lines)]
    return [f"{key}: {value_of(key, value)}"]


def value_of(key: str, value: Any, *, in_flow: bool = False) -> str:
    """Write the value of a provider's or model's key on one line.

    Raises InvalidInputError for a key outside the schema.
    """
    kind = _KIND.get(key)
    if kind is None:
        message = f"{show(key)} is no key of a provider or model"
        raise InvalidInputError(message)
    if kind in _DATE_KINDS and is_date(str(value)):
        return str(value)
    if kind in _WRITERS:
        return _WRITERS[kind](value)
    if kind in ("capabilities", "limitations", "requests") and hasattr(value, "items"):
        return flow(value, lambda item: member(kind, item))
    if isinstance(value, str):
        return text(value, in_flow=in_flow)
    return json_like(value)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "features": features,
    "flag": flag,
    "pricing": pricing,
    "rates": lambda value: flow(rates(value), str),
    "contract": lambda value: f"[{', '.join(contract_rows(value))}]",
}


def model_flow(facts: Facts) -> str:
    """Write a whole model on one line, its keys in authored order."""
    pairs = (f"{k}: {value_of(k, facts[k], in_flow=True)}" for k in ordered(facts))
    return "{" + ", ".join(pairs) + "}"


def ordered(facts: Facts, keys: tuple[str, ...] = MODEL_KEYS) -> list[str]:
    """Return the keys that have a value, in authored order.

    Raises InvalidInputError for a key outside the schema.
    """
    unknown = [key for key in facts if key not in keys]
    if unknown:
        message = f"{show(unknown[0])} is no key of a provider or model"
        raise InvalidInputError(message)
    return [key for key in keys if facts.get(key) is not None]


def model_lines(model_id: str, facts: Facts, indent: str, step: str) -> list[str]:
    """Write a model in block style, one line per key."""
    keys = ordered(facts)
    head = f"{indent}{text(model_id, in_flow=False)}:"
    if not keys:
        return [f"{head} {{}}"]
    lines = (line for key in keys for line in block(key, facts[key], step))
    return [head, *(f"{indent}{step}{line}" for line in lines)]
