"""OpenRouter's lists: all models, and the endpoints of one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.claims import STATE_FIELD
from modeldex.sources.answers import Rows, known_shape, refuse, refuse_error
from modeldex.sources.claim import rejected_id, token_count
from modeldex.sources.row_facts import Shape, at_path, reader, shape_facts
from modeldex.sources.row_prices import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.sources.answers import Row
    from modeldex.sources.api import Api, Reading
    from modeldex.sources.claim import Json
    from modeldex.sources.row_prices import RowPrices

PRICES = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "request": "requests",
    "web_search": "searches",
}
# what a row of prices holds beside them -> why it is left
_LEFT = {
    "image": "per image or per token",
    "image_output": "per image or per token",
    "image_token": "per image or per token",
}
_OVERRIDES, _FROM = "overrides", "min_prompt_tokens"
# a price that is not known before the request: a router's
_VARIABLE = -1
_ENDPOINT_FACTS = {
    "context_length": "context_window",
    "max_completion_tokens": "max_output_tokens",
    "max_prompt_tokens": "max_input_tokens",
}
_MODALITIES = ("architecture.input_modalities", "architecture.output_modalities")


def _more(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    own, top = row.get("context_length"), at_path(row, "top_provider.context_length")
    if top is not None and top != own:
        rows.leave("top_provider.context_length", "not the model's own")
    said = _prices(row.get("pricing") or {}, rows, prices)
    target = at_path(row, "alias_target.slug")
    if isinstance(target, str) and not rejected_id(target) and target != row.get("id"):
        said["alias_of"] = target
    reasoning = _reasoning(row.get("reasoning"))
    if reasoning:
        said["capabilities.reasoning"] = reasoning
    return said


def _prices(table: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read a table of prices, or that they are known only after the request."""
    if any(number(table.get(key)) == _VARIABLE for key in ("prompt", "completion")):
        rows.carried["pricing: variable"] += 1
        return {STATE_FIELD: "variable"}
    _read_table(table, "pricing", prices, {})
    for part in table.get(_OVERRIDES) or ():
        above = token_count(part.get(_FROM))
        others = [k for k in part if k not in (*PRICES, *_LEFT, _FROM)]
        if above is None or others:
            rows.leave(f"pricing.{_OVERRIDES}", "a condition that is not ours")
        else:
            _read_table(part, f"pricing.{_OVERRIDES}", prices, {"above": above})
    return {}


def _read_table(
    table: Row, path: str, prices: RowPrices, conditions: Mapping[str, object]
) -> None:
    for key, value in table.items():
        if key in PRICES:
            prices.read(f"{path}.{key}", PRICES[key], value, conditions)
        elif key not in (_OVERRIDES, _FROM) and number(value):
            prices.count(f"{path}.{key}", _LEFT.get(key, "no meter of ours"))


def _reasoning(table: Json) -> dict[str, Any]:
    """Return the parameters of reasoning that a row states."""
    if not isinstance(table, dict):
        return {}
    found: dict[str, Any] = {}
    efforts = table.get("supported_efforts")
    words = [e for e in efforts if isinstance(e, str)] if efforts else []
    if words:
        found["efforts"] = words
    if isinstance(table.get("default_effort"), str):
        found["default"] = table["default_effort"]
    if table.get("mandatory") is True:
        found["always_on"] = True
    return found


_SHAPE = Shape(
    facts={
        "name": "name",
        "context_length": "context_window",
        "top_provider.max_completion_tokens": "max_output_tokens",
        "knowledge_cutoff": "knowledge_cutoff",
        "expiration_date": "deprecation_date",
    },
    words=("supported_parameters",),
    modalities=_MODALITIES,
    free_zero=True,
    more=_more,
)
_ENDPOINT = Shape(
    facts=_ENDPOINT_FACTS,
    words=("supported_parameters",),
    free_zero=True,
    more=lambda row, rows, prices: _prices(row.get("pricing") or {}, rows, prices),
)
_HEAD = Shape(facts={"name": "name"}, modalities=_MODALITIES)
_read_models = reader(_SHAPE)


def read_openrouter(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read the list of models, or the endpoints of one, told by their shape.

    A list that says of itself how many models it has is whole with that many rows.
    """
    if any(isinstance(at_path(page, "data.endpoints"), list) for page in pages):
        return read_endpoints(pages, at, api)
    found = _read_models(pages, at, api)
    total = token_count(at_path(pages[-1], "total_count")) or 0
    return replace(found, complete=found.complete and found.rows >= total)


def read_endpoints(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read models by the endpoints that serve them: what all of these say alike.

    What a model can is what one of its endpoints can, as in the list of models. They
    are no list: of other models they say nothing.
    """
    rows = Rows(api, at)
    for page in pages:
        head = at_path(page, "data")
        if not isinstance(head, dict) or not isinstance(head.get("endpoints"), list):
            refuse_error(page, api.name)
            refuse(api.name, "the answer holds no list of endpoints")
        rows.rows += 1
        model = head.get("id")
        if not isinstance(model, str) or rejected_id(model):
            rows.skip(model, "id is malformed")
            continue
        with known_shape(api.name, model):
            offers = [
                shape_facts(_ENDPOINT, offer, rows)
                for offer in head["endpoints"]
                if isinstance(offer, dict)
            ]
            own = shape_facts(_HEAD, head, rows)
        said = [offer for offer in offers if not isinstance(offer, str)]
        rows.add(model, {**_common(said), **({} if isinstance(own, str) else own)})
    return rows.reading(complete=False)


def _common(offers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what every endpoint says, and what at least one can."""
    known: dict[str, Any] = {}
    for name in dict.fromkeys(name for offer in offers for name in offer):
        values = [offer.get(name) for offer in offers]
        able = name.startswith(("capabilities.", "request_parameters."))
        if able or all(value == values[0] for value in values):
            known[name] = next(value for value in values if value is not None)
    return known
