"""The tools, as a table: names, schemas, and what answers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from modeldex.errors import InvalidInputError, ModeldexError, NotFoundError
from modeldex.mcp import answers, arguments, results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.mcp.answers import Answer
    from modeldex.registry import Registry

_TEMPLATE = "#/$defs/{name}"


class Tool(NamedTuple):
    """A question that a program may ask: how, and what answers it."""

    name: str
    title: str
    description: str
    arguments: type[arguments.Arguments]
    output: Mapping[str, Any]
    answer: Callable[[Registry, Any], Answer]

    @property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return _schema_of(self.arguments)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "find",
            "Find models",
            "Find LLM models by capability, price, context size, provider, date. A "
            "price bound sees known prices only; a capability that is unknown is not "
            "had. Retired models are left out unless status says so.",
            arguments.Find,
            results.FIND,
            answers.find,
        ),
        Tool(
            "get",
            "Get a model",
            "Get all known facts of one model at one provider: limits, prices with "
            "their conditions, capabilities, dates. Null is unknown.",
            arguments.Get,
            results.GET,
            answers.get,
        ),
        Tool(
            "compare",
            "Compare models",
            "Put models side by side: facts by name, then by ref.",
            arguments.Compare,
            results.COMPARE,
            answers.compare,
        ),
        Tool(
            "cost",
            "Cost of a call",
            "Compute exactly what a call costs, with the rate and the reason of every "
            "line. A meter without a price makes the total null, never less.",
            arguments.Cost,
            results.COST,
            answers.cost,
        ),
        Tool(
            "price_at",
            "Price at a time",
            "Tell the standard price of a model in force at a day or time gone by or "
            "to come, since when and until when. USD per 1,000,000 tokens.",
            arguments.PriceAt,
            results.PRICE_AT,
            answers.price_at,
        ),
        Tool(
            "resolve",
            "Resolve a name",
            "Say which model a text means: exactly, by a written rule, or not at all. "
            "An error lists what may be meant.",
            arguments.Resolve,
            results.RESOLVE,
            answers.resolve,
        ),
        Tool(
            "expiring",
            "Models that stop",
            "List models that are shut down within a span, by day, with what to move "
            "to. With refs, also what has stopped and what is unknown.",
            arguments.Expiring,
            results.EXPIRING,
            answers.expiring,
        ),
    )
}


def ask(
    registry: Registry, tool: Tool, given: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return a tool's text and data; raise ModeldexError."""
    try:
        asked = msgspec.convert(dict(given), tool.arguments)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"{tool.name}: {error}") from None
    text, data = tool.answer(registry, asked)
    return text, results.plain(data)


def told(error: ModeldexError) -> tuple[str, dict[str, Any]]:
    """Return the text and the data of an error."""
    found: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, NotFoundError):
        found["suggestions"] = list(error.suggestions)
        found["candidates"] = [
            {"ref": ref, "reason": reason} for ref, reason in error.candidates
        ]
    lines = [f"{error.code}: {error}"]
    lines += [f"{row['ref']}: {row['reason']}" for row in found.get("candidates", ())]
    return "\n".join(lines), {"error": found}


@cache
def _schema_of(kind: type[arguments.Arguments]) -> dict[str, Any]:
    _, known = msgspec.json.schema_components([kind], ref_template=_TEMPLATE)
    found: dict[str, Any] = known[kind.__name__]
    return {**found, "required": found.get("required", [])}
