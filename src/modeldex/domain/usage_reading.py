"""The engine that reads a usage out of an answer, walking domain/usage_tables.py.

Here it finds the usage object and what the answer states of itself;
domain/usage_counting.py makes its counts exclusive.
"""

from __future__ import annotations

from decimal import Decimal

from modeldex.domain.pricing import METERS
from modeldex.domain.usage import FACTS, Usage
from modeldex.domain.usage_counting import count
from modeldex.domain.usage_objects import count_paths, fields_of, folded
from modeldex.domain.usage_tables import SHAPES
from modeldex.errors import InvalidUsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.usage_objects import Counts, Fields
    from modeldex.domain.usage_tables import Shape

# where a usage object stands in an answer or in an event of a stream, and the tier
# that the place itself tells; the first that a shape reads is taken
PLACES = (
    ("usage", None),
    ("usage_metadata", None),
    ("x_groq.usage", None),
    ("message.usage", None),
    ("response.usage", None),
    ("response.usage_metadata", None),
    ("response.body.usage", "batch"),  # a line of OpenAI's batch output
    ("result.message.usage", "batch"),  # a line of Anthropic's batch results
    ("interaction.usage", None),
    ("metadata.usage", None),  # Bedrock's ConverseStream
    ("delta.usage", None),  # Cohere's message-end
    ("amazon_bedrock_invocation_metrics", None),
    ("usage_info", None),
    ("meta", None),  # Cohere v1
    ("response.meta", None),
    ("response_metadata.httpheaders", None),  # boto3
    ("headers", None),
    ("data", None),  # OpenRouter's generation
    ("", None),
)

# fact -> the keys that state it: in the usage object, or in the answer around it
FACT_KEYS = (
    ("model", ("model", "model_version")),
    ("time", ("created", "created_at", "create_time")),
    (
        "service_tier",
        ("service_tier", "traffic_type", "x_amzn_bedrock_service_tier"),
    ),
    ("region", ("inference_geo",)),
    ("search_context_size", ("search_context_size",)),
)
# a provider's word -> ours; None says nothing. Other words stay as they are
TIERS = {
    "auto": None,
    "default": "standard",
    "on_demand": "standard",
    "on_demand_flex": "flex",
    "on_demand_offpeak": "offpeak",
    "on_demand_priority": "priority",
    "provisioned_throughput": "provisioned",
    "service_tier_unspecified": None,
    "traffic_type_unspecified": None,
    "unspecified": None,
}
NO_REGION = "not_available"

_MINE = frozenset((*METERS, *FACTS, "unread"))
_LATEST = 253_402_300_800  # the year 10000, in seconds


class Found:
    """A usage object in its answer: its fields, its counts, and the shape of both."""

    __slots__ = ("around", "counts", "shape", "tier", "usage")

    def __init__(
        self,
        usage: Fields,
        around: Fields,
        shape: Shape,
        counts: Counts,
        tier: str | None,
    ) -> None:
        self.usage = usage
        self.around = around
        self.shape = shape
        self.counts = counts
        self.tier = tier


def read(obj: object) -> Usage:
    """Read what a call used from an object, a mapping, or a list of events.

    Raises InvalidUsageError where no shape is recognised or a count cannot be.
    """
    events = _events(obj)
    if events is not None:
        return _usage_of(_found_in(*_joined(events)))
    fields = fields_of(obj)
    if fields is None:
        kind = type(obj).__name__
        raise InvalidUsageError(f"a {kind} states no usage; {_wanted()}")
    if fields.keys() <= _MINE and any(
        fields.get(meter) is not None for meter in METERS
    ):
        return Usage.of(fields)
    return _usage_of(_found_in(fields, fields))


def _wanted() -> str:
    shapes = "; ".join(shape.name for shape in SHAPES)
    return f"give meters (input, output, cache_read, …) or one of the shapes: {shapes}"


def _events(obj: object) -> Iterable[object] | None:
    """Return the events of a stream, or None for what is no list."""
    if isinstance(obj, (list, tuple)) and not hasattr(obj, "_fields"):
        return obj
    return obj if hasattr(obj, "__next__") else None  # type: ignore[return-value]


def _joined(events: Iterable[object]) -> tuple[Fields, Fields]:
    """Join the events of one stream: what a later one states replaces the earlier.

    Every protocol restates its counts in full or not at all. Raises InvalidUsageError
    for answers of different ids, whose usages are to be added, not joined.
    """
    usage: Fields = {}
    around: Fields = {}
    ids: set[str] = set()
    for event in events:
        fields = fields_of(event) or {}
        place = _place(fields)
        if place is not None:
            path, inside = place
            if not path and usage:
                raise InvalidUsageError("a list of usages is not one stream: add them")
            usage.update((k, v) for k, v in inside.items() if v is not None)
            holder = _at(fields, path.rpartition(".")[0]) or {}
            ids.update(
                one
                for one in (holder.get("id"), holder.get("response_id"))
                if isinstance(one, str)
            )
        for part in ("message", "response", "interaction", ""):
            stated = _at(fields, part) or {}
            around.update((k, v) for k, v in stated.items() if v is not None)
    if len(ids) > 1:
        raise InvalidUsageError("events of several answers: read each, and add them")
    if not usage:
        raise InvalidUsageError(f"no event states a usage; {_wanted()}")
    return usage, around


def _at(fields: Fields, path: str) -> Fields | None:
    """Return the fields at a path, or None when there is no mapping."""
    here: Fields | None = fields
    for key in path.split(".") if path else ():
        here = fields_of(here.get(key)) if here is not None else None
    return here


def _place(fields: Fields) -> tuple[str, Fields] | None:
    """Return the first place whose usage object a shape reads."""
    for path, _ in PLACES:
        inside = _at(fields, path)
        if inside and _shape(count_paths(inside), fields) is not None:
            return path, inside
    return None


def _shape(counts: Counts, around: Fields) -> Shape | None:
    """Return the first shape whose keys are there."""

    def states(key: str) -> bool:
        path, _, text = key.partition("=")
        if text:
            return counts.get(path) == [text] or around.get(path) == text
        return any(p == path or p.startswith((f"{path}.", f"{path}[")) for p in counts)

    for shape in SHAPES:
        if (
            any(all(map(states, keys)) for keys in shape.keys)
            and not any(map(states, shape.never))
            and (
                not shape.around
                or any(
                    states(key) if "=" in key else around.get(key) is not None
                    for key in shape.around
                )
            )
        ):
            return shape
    return None


def _found_in(fields: Fields, around: Fields) -> Found:
    """Find the usage object in an answer, or in the joined events of one."""
    for path, tier in PLACES:
        inside = _at(fields, path)
        if inside:
            counts = count_paths(inside)
            holder = around | (_at(fields, path.rpartition(".")[0]) or {})
            shape = _shape(counts, holder)
            if shape is not None:
                return Found(inside, holder, shape, counts, tier)
    inside = _at(fields, "usage") or _at(fields, "usage_metadata") or fields
    seen = ", ".join(f"{key!s:.40}" for key in sorted(inside)[:20]) or "no keys"
    raise InvalidUsageError(f"no known shape of usage has {seen}; {_wanted()}")


def _usage_of(found: Found) -> Usage:
    """Read the counts of a found usage, and the facts around it."""
    counts = found.counts
    if found.shape.name == "Bedrock's headers":
        counts = {path: list(map(_number, counts[path])) for path in counts}
    if not found.shape.root:
        counts = counts | _shown(found.around)
    quantities, unread = count(found.shape, counts)
    return Usage(quantities, _facts(found), tuple(unread))


def _number(value: object) -> object:
    """Return text of digits, as headers have it, as a number."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:20])
    return value


def _shown(around: Fields) -> Counts:
    """Return what the answer shows besides its usage: tools that are paid for."""
    shown = count_paths({"tool_usage": around.get("tool_usage")})
    if around.get("object") == "response":
        shown |= _tools(_list(around.get("output")))
    for candidate in map(fields_of, _list(around.get("candidates"))):
        grounding = fields_of((candidate or {}).get("grounding_metadata")) or {}
        queries = _list(grounding.get("web_search_queries"))
        if queries:
            shown["grounding_metadata.web_search_queries"] = [len(queries)]
    return shown


def _tools(items: list[object]) -> Counts:
    """Count the calls of the provider's own tools in the output of a response."""
    calls: Counts = {}
    containers = set()
    for item in (fields_of(item) or {} for item in items):
        kind = item.get("type")
        action = (fields_of(item.get("action")) or {}).get("type", "search")
        if kind == "code_interpreter_call":
            containers.add(str(item.get("container_id")))
        elif not isinstance(kind, str) or not kind.endswith("_call"):
            continue
        elif kind != "web_search_call" or action == "search":
            calls.setdefault(f"output[{kind}]", []).append(1)
    if containers:
        calls["output[code_interpreter_call]"] = [len(containers)]
    return calls


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _facts(found: Found) -> dict[str, object]:
    """Return what the answer states of itself."""
    facts: dict[str, object] = {}
    for fact, keys in FACT_KEYS:
        stated = (
            _fact(fact, part[key])
            for part in (found.usage, found.around)
            for key in keys
            if key in part
        )
        facts[fact] = next((text for text in stated if text), None)
    if found.usage.get("speed") == "fast":  # Anthropic's fast mode, at its own price
        facts["service_tier"] = "fast"
    facts["service_tier"] = found.tier or facts["service_tier"]
    facts["provider"] = _provider(found)
    return facts


def _fact(fact: str, value: object) -> str | None:
    """Return one stated fact as our text; what is malformed is not stated."""
    if fact == "time":
        return _time(value)
    if fact == "service_tier":  # Bedrock: {"type": "default"}
        inner = fields_of(value)
        value = inner.get("type") if inner else value
    text = str.__str__(value).strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= 512:  # noqa: PLR2004
        return None
    if fact == "service_tier":
        word = folded(text)
        return TIERS.get(word, word)
    return None if text == NO_REGION else text


def _time(value: object) -> str | None:
    """Return seconds since 1970, a datetime, or ISO text, as ISO text.

    Text that is no time at all states none.
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        if value != value or not 0 < value < _LATEST:  # noqa: PLR0124  NaN is no time
            return None
        from time import gmtime, strftime

        return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(int(value)))
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    text = str(value) if isinstance(value, str) else ""
    date = text[:10].split("-")
    if [len(part) for part in date] != [4, 2, 2] or len(text) > 40:  # noqa: PLR2004
        return None
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _provider(found: Found) -> str | None:
    """Return the provider where the answer itself can only be of one."""
    around = found.around
    if around.get("x_groq") is not None:
        return "groq"
    if found.shape.name == "OpenRouter's generation":
        return "openrouter"
    mark = around.get("id")
    if around.get("provider") and isinstance(mark, str) and mark.startswith("gen-"):
        return "openrouter"
    return "amazon-bedrock" if found.shape.name == "Bedrock's headers" else None
