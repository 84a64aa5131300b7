"""`FIELD=VALUE`, given on a command line or as Python values, read as YAML is.

The one fact is written as the YAML of a model and read by the loader, so that what is
accepted, and what a refusal says, is the same everywhere.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.schema import MODEL_TABLE
from modeldex.errors import InvalidFactError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog.authoring.layer import Finding

# facts whose values are text, whatever they look like
_TEXTS = frozenset(
    ("canonical", "choice", "date", "day", "model", "prose", "stamp", "text", "url")
) | {"word"}
# what a person does not set as a fact
_NOT_SET = ("sources", "updated_at")
_MAX_VALUE = 4_000


def split_assignment(text: str) -> tuple[str, str]:
    """Split `FIELD=VALUE`; the name of a rate may hold `=` itself.

    Raises InvalidInputError.
    """
    cut = text.rpartition if text.startswith("rates.") else text.partition
    field, equals, value = cut("=")
    if not equals or not field:
        raise InvalidInputError(f"write FIELD=VALUE, not {text[:80]!r}")
    return field.strip(), value.strip()


def read_assignment(
    ref: str, field: str, value: Any, notes: list[str] | None = None
) -> dict[str, Any]:
    """Return a field's value as nested facts of a model, typed by the schema.

    `field` is a key of a model, or one entry of it: `pricing.input`,
    `capabilities.vision`, `rates.input@service_tier=batch`, `metadata.team`. Warnings
    are added to `notes`. Raises InvalidFactError with what the loader would say of a
    file.
    """
    root, dot, entry = field.partition(".")
    if root in _NOT_SET:
        raise InvalidFactError(f"{ref}: {root} is not set by hand")
    path = [root, entry] if dot else [root]
    if root == "rates" and dot:
        meter, _, conditions = entry.partition("@")
        path = [root, conditions, meter]
    is_text = not dot and root in MODEL_TABLE and MODEL_TABLE[root].kind in _TEXTS
    texts = _written(ref, field, value, quoted=is_text)
    findings: list[Finding] = []
    for text in texts:
        facts, findings = _load(path, text)
        if facts is not None:
            if notes is not None:
                notes += [f"{field}: {f.code}: {f.message}" for f in findings]
            return facts
    said = "; ".join(f"{f.code}: {f.message}" for f in findings)
    raise InvalidFactError(f"{ref}: {field}: {said or 'there is no value'}")


def _load(path: list[str], text: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return what a file that states the one fact says, or why it says nothing."""
    lines = ["provider: edited", "models:", "  edited:"]
    for depth, key in enumerate(path, 2):
        lines.append("  " * depth + f"{json.dumps(key)}:")
    lines[-1] += f" {text}\n"
    layer = load_text("\n".join(lines).encode("utf-8", "replace"), "edited.yaml")
    facts = layer.models.get("edited", {})
    if layer.errors or set(facts) != {path[0]} or not _is_whole(facts[path[0]]):
        return None, layer.errors
    return facts, layer.findings


def _is_whole(value: Any) -> bool:
    """Tell whether there is something; an empty collection sets nothing."""
    return not isinstance(value, dict | list) or bool(value)


def _written(ref: str, field: str, value: Any, *, quoted: bool) -> list[str]:
    """Return the YAML of a value: as it is, or in quotes where that is no YAML."""
    if not isinstance(value, str):
        return [_flow(ref, field, value)]
    if len(value) > _MAX_VALUE or not value.isprintable():
        raise InvalidFactError(f"{ref}: {field}: the value is no line of text")
    text = json.dumps(value, ensure_ascii=False)
    return [text] if quoted else [value, text]


def _flow(ref: str, field: str, value: Any) -> str:
    """Write a Python value as YAML in one line; amounts by their own digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if amount.is_finite():
            return format(amount, "f")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(ref, field, item) for item in value)}]"
    if isinstance(value, dict):
        return _flow_mapping(ref, field, value)
    message = f"{ref}: {field}: {value!r} cannot be a fact"
    raise InvalidFactError(message)


def _flow_mapping(ref: str, field: str, value: Mapping[Any, Any]) -> str:
    items = (f"{json.dumps(str(k))}: {_flow(ref, field, v)}" for k, v in value.items())
    return f"{{{', '.join(items)}}}"
