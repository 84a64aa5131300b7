"""Lists of makers with facts of their own: Mistral's aliases, xAI's prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.claim import rejected_id, token_count
from modeldex.sources.row_facts import Shape, reader

if TYPE_CHECKING:
    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.row_prices import RowPrices

_MISTRAL = "mistralai"
_LONG = "_long_context"
_XAI_PRICES = {
    "prompt_text_token_price": "input",
    "cached_prompt_text_token_price": "cache_read",
    "completion_text_token_price": "output",
    "prompt_image_token_price": "input_image",
    "image_price": "output_images",
}
_THRESHOLD = "long_context_threshold"


def _mistral(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any] | str:
    """Read what an id points to: the row of an alias has its target as its name."""
    if row.get("owned_by", _MISTRAL) != _MISTRAL or row.get("type") == "fine-tuned":
        return "fine-tuned, of one account"
    said: dict[str, Any] = {}
    name, aliases = row.get("name"), row.get("aliases") or ()
    if isinstance(name, str) and name != row["id"] and name in aliases:
        said["alias_of"] = None if rejected_id(name) else name
    able = row.get("capabilities") or {}
    if able.get("completion_chat") is False:
        modes = [mode for mode in ("moderation", "ocr") if able.get(mode) is True]
        said["mode"] = modes[0] if len(modes) == 1 else None
    return said


def _xai(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read prices, those of long prompts under their threshold, and other ids."""
    for key, meter in _XAI_PRICES.items():
        prices.read(key, meter, row.get(key))
        long = row.get(key + _LONG)
        above = token_count(row.get(_THRESHOLD))
        if long is not None and above is None:
            rows.leave(key + _LONG, "no threshold")
        else:
            prices.read(key + _LONG, meter, long, {"above": above})
    for key in row:
        base = key.removesuffix(_LONG)
        if key.endswith(("_price", _LONG)) and base not in _XAI_PRICES and row[key]:
            rows.leave(key, "no meter of ours")
    for alias in row.get("aliases") or ():
        if isinstance(alias, str) and not rejected_id(alias):
            rows.alias(alias, row["id"])
    return {}


read_mistral = reader(
    Shape(
        facts={
            "max_context_length": "context_window",
            "deprecation": "deprecation_date",
            "deprecation_replacement_model": "replacement",
        },
        flags=("capabilities",),
        more=_mistral,
    )
)
read_xai = reader(
    Shape(
        keys=("data", "models"),
        facts={"context_length": "context_window"},
        modalities=("input_modalities", "output_modalities"),
        more=_xai,
    )
)
