"""The vocabulary's YAML to the Python tables that the program reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Vocabulary = Mapping[str, Any]

_SECTIONS = ("capabilities", "request_parameters", "names", "dropped")
_KEYS = ("title", "meaning", "group", "aliases", "implies", "parameters", "since")
GROUPS = ("input", "output", "text", "tools", "reasoning", "sampling", "serving")
TYPES = ("flag", "count", "word", "words", "flags", "range")
_HEAD = '"""{about}; made of data/capabilities.yaml by `make vocabulary`."""\n\n'
_ROWS = "dict[str, dict[str, dict[str, str | tuple[str, ...]]]]"
TABLE, DETAILS = "capability_table.py", "capability_details.py"


def read_vocabulary(text: str) -> dict[str, Any]:
    """Read the vocabulary's YAML.

    Raises InvalidInputError for what names something that is not there.
    """
    vocabulary: dict[str, Any] = yaml.safe_load(text)
    faults = list(_faults(vocabulary))
    if faults:
        raise InvalidInputError("; ".join(faults))
    return vocabulary


def _faults(vocabulary: Vocabulary) -> Iterator[str]:
    """Yield what is wrong with a vocabulary."""
    yield from (f"{key} is no section" for key in vocabulary if key not in _SECTIONS)
    for name, facts in vocabulary["capabilities"].items():
        yield from (f"{name}: {fault}" for fault in _bad_facts(vocabulary, facts))
    taken: dict[str, str] = {}
    for name, facts in vocabulary["capabilities"].items():
        for alias in facts.get("aliases", ()):
            others = (vocabulary["capabilities"], vocabulary["dropped"]["any"])
            if taken.setdefault(alias, name) != name or any(alias in o for o in others):
                yield f"{name}: {alias} has another meaning already"
    for source, names in vocabulary["names"].items():
        for said, targets in names.items():
            yield from _bad_targets(vocabulary, f"{source} {said}", targets)


def _bad_facts(vocabulary: Vocabulary, facts: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"unknown key {key}" for key in facts if key not in _KEYS)
    if facts["group"] not in GROUPS:
        yield f"no group {facts['group']}"
    for implied in facts.get("implies", ()):
        if implied not in vocabulary["capabilities"]:
            yield f"it implies {implied}, which does not exist"
    for parameter, row in facts.get("parameters", {}).items():
        if row["type"] not in TYPES:
            yield f"{parameter} has no type {row['type']}"


def _bad_targets(vocabulary: Vocabulary, said: str, targets: str) -> Iterator[str]:
    for target in targets.split():
        name, *rest = target.split(".")
        if name == "request":
            if rest[0] not in vocabulary["request_parameters"]:
                yield f"{said}: no request parameter {rest[0]}"
            continue
        facts = vocabulary["capabilities"].get(name)
        if facts is None or (rest and rest[0] not in facts.get("parameters", ())):
            yield f"{said}: no {target}"


def _literal(value: object) -> str:
    """Write a text, tuple of texts or mapping of texts in one line of Python."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        pairs = (f"{_literal(k)}: {_literal(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    items = [_literal(item) for item in value]  # type: ignore[attr-defined]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _table(name: str, kind: str, about: str, rows: Iterable[tuple[str, Any]]) -> str:
    lines = [f"# {about}", f"{name}: {kind} = {{"]
    lines += [f"    {_literal(key)}: {_literal(value)}," for key, value in rows]
    return "\n".join([*lines, "}", ""])


def write_markdown(vocabulary: Vocabulary) -> str:
    """Return the table of a vocabulary for people."""
    lines = ["| capability | can | also called | parameters |", "|---|---|---|---|"]
    for name, facts in vocabulary["capabilities"].items():
        more = [f"implies `{implied}`" for implied in facts.get("implies", ())]
        more += [f"since {facts['since']}"] if facts.get("since") else []
        meaning = "; ".join((facts["meaning"], *more))
        aliases = ", ".join(f"`{alias}`" for alias in facts.get("aliases", ()))
        rows = facts.get("parameters", {}).items()
        parameters = "; ".join(f"`{p}`: {row['about']}" for p, row in rows)
        lines.append(f"| `{name}` | {meaning} | {aliases} | {parameters} |")
    return "\n".join(lines) + "\n"


def write_tables(vocabulary: Vocabulary) -> dict[str, str]:
    """Return the text of each module that is made of a vocabulary, by file name."""
    known = vocabulary["capabilities"]
    dropped, of_sources = vocabulary["dropped"], vocabulary["names"].items()

    def each(key: str) -> list[tuple[str, Any]]:
        return [(n, facts[key]) for n, facts in known.items() if facts.get(key)]

    spelled = sorted((a, name) for name, many in each("aliases") for a in many)
    text, texts = "dict[str, str]", "dict[str, tuple[str, ...]]"
    nested = "dict[str, dict[str, str]]"
    names = (
        _table("CAPABILITIES", text, "can …", each("meaning")),
        _table("ALIASES", text, "other spelling -> name", spelled),
        _table("IMPLIES", texts, "a yes says yes to these too", each("implies")),
    )
    facts = (
        _table("TITLES", text, "name as people write it", each("title")),
        _table("GROUP_OF", text, "what it is about", each("group")),
        _table("SINCE", text, "first offered by a provider", each("since")),
        _table("PARAMETERS", _ROWS, "parameter -> its type …", each("parameters")),
        _table(
            "REQUEST_PARAMETERS",
            text,
            "what a request may hold beside the abilities",
            vocabulary["request_parameters"].items(),
        ),
        _table("SOURCE_NAMES", nested, "source -> name -> ours", of_sources),
        _table("DROPPED", nested, "source -> name -> why", dropped.items()),
    )
    return {
        TABLE: _HEAD.format(about="Capabilities and spellings") + "\n".join(names),
        DETAILS: _HEAD.format(about="More of the capabilities") + "\n".join(facts),
    }
