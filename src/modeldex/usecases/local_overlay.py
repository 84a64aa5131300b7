"""What a local server says of a model, laid over what the catalogue says of it.

The server comes first: it knows. Only what people wrote or pinned is on top of it.
Nothing here is written to the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.by_hand import said_by_hand
from modeldex.catalog.encode import decode, encode
from modeldex.catalog.facts import CURATED, flat_facts, nested_facts
from modeldex.catalog.stack import stack
from modeldex.domain.change import Fact
from modeldex.domain.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog import Catalog
    from modeldex.domain.local_model import LocalFacts
    from modeldex.ports import LocalServer

_MONEY = ("pricing", "rates")
_WINDOW, _BASIS, _METADATA = "context_window", "limits_basis", "metadata"
_SMALLER = ("max_input_tokens", "max_output_tokens")
# facts of the catalogue's entry that are not those of a server's copy
_NOT_TAKEN = ("alias_of", "base_url", "updated_at", "status", "deprecation_date")


def local_model(
    catalog: Catalog, server: LocalServer, found: LocalFacts, day: str
) -> Model:
    """Return a model of a server over the catalogue's entry of that name, if any."""
    below = catalogue_entry(catalog, server, found.name)
    flat = {} if below is None else _facts_of(below)
    own = {} if below is None else _own_facts(below, server.name)
    kept = {
        name: fact
        for name, fact in flat.items()
        if name.partition(".")[0] not in _MONEY and name not in _NOT_TAKEN
    }
    said = served_facts(found, free=server.is_this_host())
    live = {name: Fact(value, server.name) for name, value in said.items()}
    facts: dict[str, Fact] = {**kept, **live}
    if own:  # a price of one's own takes the place of `free`, and the like
        laid = stack(nested_facts(facts), nested_facts(own), CURATED)
        facts = flat_facts(laid)
    facts["updated_at"] = Fact(day, server.name)
    _join(facts, kept, _METADATA, local_metadata(found), server.name)
    _set_basis(facts, found, server.name, is_own=_WINDOW in own)
    window = facts[_WINDOW].value if _WINDOW in facts else None
    for name in _SMALLER:
        limit = facts.get(name)
        if limit and window and limit.value > window and name not in own:
            del facts[name]
    columns = encode(server.provider, found.name, nested_facts(facts))
    return Model(columns, catalog.today)


def catalogue_entry(catalog: Catalog, server: LocalServer, name: str) -> Model | None:
    """Return the catalogue's model of this name; the implied tag may be left out.

    Files of ExLLM's write the provider before the name once more.
    """
    names = spellings(server, name)
    for spelling in (*names, *(f"{server.provider}/{one}" for one in names)):
        found = catalog.get(server.provider, spelling)
        if found is not None:
            return found
    return None


def spellings(server: LocalServer, name: str) -> list[str]:
    """Return the ways to write a model's name, itself first."""
    tag = f":{server.implies_tag}"
    if tag == ":":
        return [name]
    if name.endswith(tag):
        return [name, name.removesuffix(tag)]
    has_tag = ":" in name.rpartition("/")[2]
    return [name] if has_tag else [name, name + tag]


def served_facts(found: LocalFacts, *, free: bool) -> dict[str, Any]:
    """Return what a server says, flat, with what a request gets as the window.

    It costs nothing where it surely runs on this host; elsewhere nobody knows what.
    """
    said = dict(found.facts)
    window = found.effective_context or found.max_context
    if window:
        said[_WINDOW] = window
    if found.family:
        said.setdefault("family", found.family)
    if free and not found.remote:
        said["pricing.state"] = "free"
    return said


def lasting_facts(found: LocalFacts, *, free: bool) -> dict[str, Any]:
    """Return what is worth writing down: what it is set to, not what is loaded now."""
    said = served_facts(found, free=free)
    window = found.configured_context or found.max_context
    said.pop(_WINDOW, None)
    if window:
        said[_WINDOW] = window
    said[_METADATA] = local_metadata(found)
    return said


def local_metadata(found: LocalFacts) -> dict[str, Any]:
    """Return what a model's metadata says of a server's copy."""
    said = {
        "digest": found.digest,
        "size": found.size,
        "quantization": found.quantization,
        "parameter_size": found.parameter_size,
        "format": found.format,
        "max_context_window": found.max_context,
        "configured_context": found.configured_context,
        "remote_host": found.remote,
    }
    return {name: value for name, value in said.items() if value is not None}


def _facts_of(model: Model) -> dict[str, Fact]:
    return flat_facts(decode(model._columns))  # noqa: SLF001  its own form


def _own_facts(model: Model, server: str) -> dict[str, Fact]:
    """Return what people said of a model; what was registered, the server said."""
    hand = said_by_hand(decode(model._columns))  # noqa: SLF001  its own form
    found = flat_facts(hand) if hand else {}
    return {n: fact for n, fact in found.items() if not is_registered(fact, server)}


def registered_mark(server: str) -> str:
    """Return with what the reason of a fact that was registered begins."""
    return f"registered from {server}"


def is_registered(fact: Fact, server: str) -> bool:
    """Tell whether a fact was written down as a server said it."""
    source = fact.source if isinstance(fact.source, dict) else {}
    because, mark = str(source.get("because", "")), registered_mark(server)
    return because == mark or because.startswith(f"{mark}:")


def _join(
    facts: dict[str, Fact],
    below: Mapping[str, Fact],
    name: str,
    part: Mapping[str, Any],
    source: str,
) -> None:
    """Lay a part over a fact of many parts."""
    known = below[name].value if name in below else {}
    if part:
        facts[name] = Fact({**known, **part}, source)


def _set_basis(
    facts: dict[str, Fact], found: LocalFacts, source: str, *, is_own: bool
) -> None:
    """Say what the window rests on: what the server is set to, or its own word."""
    if is_own or not (found.effective_context or found.max_context):
        return
    known = dict(facts[_BASIS].value) if _BASIS in facts else {}
    known.pop(_WINDOW, None)
    if found.effective_context:
        known[_WINDOW] = "configured"
    facts.pop(_BASIS, None)
    if known:
        facts[_BASIS] = Fact(known, source)
