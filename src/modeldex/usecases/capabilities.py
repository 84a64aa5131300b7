"""Who can do what: one ability of one model, and one ability over all models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.query import Query, both
from modeldex.catalog.values import refuse_unknown
from modeldex.domain import Value, set_slot
from modeldex.domain.capability import (
    ALIASES,
    CAPABILITIES,
    IMPLIES,
    canonical_capability,
    implied_by,
    spelled,
)
from modeldex.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.catalog import Catalog
    from modeldex.domain.model import Model


class Ability(Value):
    """One capability of one model: yes, no or unknown (None), and who says so."""

    __slots__ = ("capability", "parameters", "ref", "source", "supported")
    ref: str
    capability: str
    supported: bool | None
    parameters: Mapping[str, Any]
    source: str | None

    def __init__(
        self,
        ref: str,
        capability: str,
        supported: bool | None,  # noqa: FBT001
        parameters: Mapping[str, Any],
        source: str | None,
    ) -> None:
        set_slot(self, "ref", ref)
        set_slot(self, "capability", capability)
        set_slot(self, "supported", supported)
        set_slot(self, "parameters", dict(parameters))
        set_slot(self, "source", source)

    def __hash__(self) -> int:
        return hash((self.ref, self.capability, self.supported))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("ref", "capability", "supported", "parameters", "source")
        return {name: getattr(self, name) for name in names}


class Supporting(Value):
    """The refs of the models that have a capability, have it not, or may have it."""

    __slots__ = ("capability", "no", "unknown", "yes")
    capability: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unknown: tuple[str, ...]

    def __init__(
        self,
        capability: str,
        yes: Sequence[str],
        no: Sequence[str],
        unknown: Sequence[str],
    ) -> None:
        set_slot(self, "capability", capability)
        set_slot(self, "yes", tuple(yes))
        set_slot(self, "no", tuple(no))
        set_slot(self, "unknown", tuple(unknown))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        sides = ("yes", "no", "unknown")
        lists = {side: list(getattr(self, side)) for side in sides}
        return {"capability": self.capability, **lists}


def _text(capability: object) -> str:
    if isinstance(capability, str):
        return capability
    message = f"a capability is named by text, not {type(capability).__name__}"
    raise InvalidQueryError(message)


def ability_of(model: Model, capability: str) -> Ability:
    """Return one capability of a model, named in any spelling.

    Raises InvalidQueryError for what neither the vocabulary nor the model has.
    """
    abilities = model.capabilities
    name = canonical_capability(_text(capability)) or spelled(capability)
    if name not in CAPABILITIES and abilities.get(name) is None:
        refuse_unknown("capability", capability, (*CAPABILITIES, *ALIASES), None)
    supported = abilities.get(name)
    known = supported is not None
    source = model.source_of(f"capabilities.{name}") if known else None
    parameters = abilities.parameters.get(name, {}) if supported else {}
    return Ability(model.ref, name, supported, parameters, source)


def supporting(catalog: Catalog, capability: str, asked: Query) -> Supporting:
    """Sort the models that answer a query by whether they have a capability."""
    known = catalog.vocabulary
    if not _text(capability).strip():
        refuse_unknown("capability", capability, (), None)
    has = Query.of({"capabilities": capability}, known)
    name = str(has.terms[0][2])
    refs = catalog.refs
    everyone = [refs[row] for row in catalog.rows(asked)]
    lacks = Query.of({"without": capability}, known)
    yes = {refs[row] for row in catalog.rows(both(asked, has))}
    no = {refs[row] for row in catalog.rows(both(asked, lacks))}
    return Supporting(
        name,
        [ref for ref in everyone if ref in yes],
        [ref for ref in everyone if ref in no],
        [ref for ref in everyone if ref not in yes and ref not in no],
    )


def counts(catalog: Catalog) -> dict[str, dict[str, int]]:
    """Return how many models have each capability, have it not, or may have it."""
    count = catalog.index.count
    total = count(Query())
    found = {}
    for name in CAPABILITIES:
        yes = count(Query.of({"capabilities": name}))
        no = count(Query.of({"without": name}))
        found[name] = {"yes": yes, "no": no, "unknown": total - yes - no}
    return found


def describe(capability: str) -> dict[str, Any]:
    """Return what the vocabulary says of a capability, named in any spelling.

    Raises InvalidQueryError when it has none of this name.
    """
    from modeldex.domain.capability_details import GROUP_OF, PARAMETERS, SINCE, TITLES

    name = canonical_capability(_text(capability))
    if name is None:
        refuse_unknown("capability", capability, (*CAPABILITIES, *ALIASES), None)
    return {
        "capability": name,
        "title": TITLES[name],
        "meaning": f"can {CAPABILITIES[name]}",
        "group": GROUP_OF[name],
        "aliases": sorted(alias for alias, meant in ALIASES.items() if meant == name),
        "implies": sorted(implied_by([name])),
        "implied_by": sorted(other for other in IMPLIES if name in IMPLIES[other]),
        "parameters": PARAMETERS.get(name, {}),
        "since": SINCE.get(name),
    }
