"""Writing by hand: what people say of a model, on top of every source.

Each edit is planned first: the changes that it would commit, what would be served
after it, and what the rules of YAML say to that. Nothing here writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from modeldex.catalog.authoring.assign import read_assignment
from modeldex.catalog.authoring.layer import Layer
from modeldex.catalog.authoring.validate import validate
from modeldex.catalog.encode import decode
from modeldex.catalog.facts import (
    CURATED,
    flat_facts,
    restacked,
    stacked_facts,
)
from modeldex.catalog.merging.claims import GROUPS
from modeldex.catalog.resolve import get_model
from modeldex.domain import Value, set_slot
from modeldex.domain.change import CATALOG, OWN, Fact, diff
from modeldex.domain.pricing import WORDS
from modeldex.domain.ref import is_model_id, is_provider_id, split_ref
from modeldex.errors import DoesNotApplyError, InvalidFactError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.catalog import Catalog
    from modeldex.domain.change import Change, Facts, State

# facts of which a part replaces nothing but itself in what people wrote
_BY_PART = ("metadata", "rate_limits", "limits_basis")


class Layers(Protocol):
    """What an edit is planned over."""

    @property
    def catalog(self) -> Catalog:
        """The catalogue as it is served, with everything on top."""

    def below(self, provider: str, model_id: str) -> Mapping[str, Any] | None:
        """Return what sources and YAML say of a model, nested; None for nothing."""

    def own(self, provider: str, model_id: str) -> Facts:
        """Return what people wrote of a model before, flat."""


class Signature(Value):
    """Who writes, on which day (ISO), why, and where it can be read."""

    __slots__ = ("at", "because", "by", "url")
    by: str
    at: str
    because: str
    url: str

    def __init__(self, by: str, at: str, because: str = "", url: str = "") -> None:
        set_slot(self, "by", by)
        set_slot(self, "at", at)
        set_slot(self, "because", because)
        set_slot(self, "url", url)

    @property
    def source(self) -> dict[str, str]:
        """The source of what is written, as YAML has it."""
        said = {name: getattr(self, name) for name in ("by", "at", "because", "url")}
        return {"source": CURATED, **{n: text for n, text in said.items() if text}}


class Plan(Value):
    """An edit before it is made.

    `changes` are what the store would commit; `served` what callers would see change,
    of pointers to the model too; `notes` are the warnings of the rules.
    """

    __slots__ = ("changes", "notes", "ref", "served", "signed", "verb")
    verb: str
    ref: str
    changes: tuple[Change, ...]
    served: tuple[Change, ...]
    notes: tuple[str, ...]
    signed: Signature

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a value
        self,
        verb: str,
        ref: str,
        changes: Iterable[Change],
        served: Iterable[Change],
        notes: Iterable[str],
        signed: Signature,
    ) -> None:
        set_slot(self, "verb", verb)
        set_slot(self, "ref", ref)
        set_slot(self, "changes", tuple(changes))
        set_slot(self, "served", tuple(served))
        set_slot(self, "notes", tuple(notes))
        set_slot(self, "signed", signed)


def plan_set(
    layers: Layers, ref: str, given: Mapping[str, Any], signed: Signature
) -> Plan:
    """Plan to set fields of a model that is known.

    Raises UnknownModelError, InvalidInputError.
    """
    key = _known(layers, ref)
    notes: list[str] = []
    own = _with(layers, key, given, signed, notes)
    return _plan("set", layers, key, own, signed, notes)


def plan_add(
    layers: Layers, ref: str, given: Mapping[str, Any], signed: Signature
) -> Plan:
    """Plan a model of one's own, at a provider that is known or new.

    Raises InvalidInputError, DoesNotApplyError for a model that is known.
    """
    provider, model_id = split_ref(ref)
    if not is_provider_id(provider) or not is_model_id(model_id):
        message = f"{ref[:80]!r} is no ref; write provider/model-id"
        raise InvalidInputError(message)
    key = (provider, model_id)
    if layers.catalog.get(*key) is not None or layers.own(*key):
        message = f"{ref} is known already; `modeldex edit set` changes it"
        raise DoesNotApplyError(message)
    if not given:
        raise InvalidFactError(f"{ref}: say something of it, as name=… or mode=chat")
    notes = []
    if provider not in layers.catalog.snapshot.providers:
        notes.append(f"{provider} is a new provider")
    own = _with(layers, key, given, signed, notes)
    return _plan("add", layers, key, own, signed, notes)


def plan_remove(layers: Layers, ref: str, signed: Signature) -> Plan:
    """Plan to remove a model that was added by hand.

    Raises DoesNotApplyError for a model that a source or YAML tells of.
    """
    key = _known(layers, ref)
    if layers.below(*key) is not None:
        message = (
            f"{ref} was not added by hand; `modeldex edit disable {ref}` leaves it "
            f"out, `modeldex edit unpin {ref}` takes back what was written of it"
        )
        raise DoesNotApplyError(message)
    return _plan("remove", layers, key, {}, signed)


def plan_pin(
    layers: Layers, ref: str, fields: Iterable[str], signed: Signature
) -> Plan:
    """Plan to keep today's values of fields, whatever sources come to say.

    A group (`pricing`, `capabilities`) stands for all its fields. Raises
    DoesNotApplyError for a field whose value is not known.
    """
    key = _known(layers, ref)
    model = layers.catalog.get(*key)
    served = flat_facts(decode(model._columns)) if model else {}  # noqa: SLF001
    own = dict(layers.own(*key))
    for field in fields:
        found = _named(served, field)
        if not found:
            message = f"{ref}: nothing is known of {field}, so nothing can be pinned"
            raise DoesNotApplyError(message)
        own |= {name: Fact(served[name].value, signed.source) for name in found}
    return _plan("pin", layers, key, own, signed)


def plan_verdict(
    layers: Layers, ref: str, said: Mapping[str, Any], source: str, signed: Signature
) -> Plan:
    """Plan to serve what one source says of fields, until it says something else."""
    key = _known(layers, ref)
    by = {**signed.source, "source": source}
    own = {**layers.own(*key), **{n: Fact(value, by) for n, value in said.items()}}
    return _plan("verdict", layers, key, own, signed)


def plan_unpin(
    layers: Layers, ref: str, fields: Iterable[str], signed: Signature
) -> Plan:
    """Plan to take back what was written of fields, or of all when none is named.

    Raises DoesNotApplyError where nothing was written.
    """
    key = _known(layers, ref)
    own = dict(layers.own(*key))
    fields = tuple(fields)
    if layers.below(*key) is None:
        message = f"{ref} was added by hand; `modeldex edit remove {ref}` removes it"
        if not fields:
            raise DoesNotApplyError(message)
    for field in fields or tuple(own):
        found = _named(own, field)
        if not found:
            message = f"{ref}: nothing was written by hand of {field}"
            raise DoesNotApplyError(message)
        for name in found:
            del own[name]
    return _plan("unpin", layers, key, own, signed)


def plan_disable(layers: Layers, ref: str, signed: Signature) -> Plan:
    """Plan to leave a model out of `find`; `get_info` still returns it."""
    key = _known(layers, ref)
    own = {**layers.own(*key), "status": Fact("disabled", signed.source)}
    return _plan("disable", layers, key, own, signed)


def plan_enable(layers: Layers, ref: str, signed: Signature) -> Plan:
    """Plan to let a disabled model be found again.

    Raises DoesNotApplyError when it was not disabled by hand.
    """
    key = _known(layers, ref)
    own = dict(layers.own(*key))
    if own.get("status", Fact(None)).value != "disabled":
        raise DoesNotApplyError(f"{ref} was not disabled by hand")
    del own["status"]
    return _plan("enable", layers, key, own, signed)


def _known(layers: Layers, ref: str) -> tuple[str, str]:
    model = get_model(layers.catalog, ref, None)
    return model.provider, model.id


def _named(facts: Facts, field: str) -> list[str]:
    """Return the fields that a name means: itself, or those of a group."""
    if field in GROUPS:
        return [name for name in facts if name.startswith(f"{field}.")]
    return [field] if field in facts else []


def _with(
    layers: Layers,
    key: tuple[str, str],
    given: Mapping[str, Any],
    signed: Signature,
    notes: list[str],
) -> dict[str, Fact]:
    """Return a model's own facts with the given fields set."""
    own = dict(layers.own(*key))
    ref = "/".join(key)
    for field, value in given.items():
        nested = read_assignment(ref, field, value, notes)
        (root,) = nested
        if "." in field and root not in GROUPS:
            nested = {root: _joined(layers, key, own, root, nested[root])}
        new = {name: fact.value for name, fact in flat_facts(nested).items()}
        for name in _replaced(own, field, new):
            del own[name]
        own |= {name: Fact(item, signed.source) for name, item in new.items()}
    return own


def _joined(
    layers: Layers,
    key: tuple[str, str],
    own: Facts,
    root: str,
    part: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a fact of parts with one of them set: over one's own, else over all."""
    known = own[root].value if root in own else {}
    if not known and root not in _BY_PART:
        model = layers.catalog.get(*key)
        known = decode(model._columns).get(root, {}) if model else {}  # noqa: SLF001
    return {**known, **part}


def _replaced(own: Facts, field: str, new: Mapping[str, Any]) -> list[str]:
    """Return one's own fields that a new value takes the place of."""
    if field in GROUPS:
        return [name for name in _named(own, field) if name not in new]
    amounts = [f"pricing.{word}" for word in WORDS]
    if any(name.startswith("pricing.") for name in new):
        if "pricing.state" in new:
            return [name for name in _named(own, "pricing") if name not in new]
        return [name for name in amounts[:1] if name in own and name not in new]
    return []


def _plan(  # noqa: PLR0913, PLR0917  what each verb says
    verb: str,
    layers: Layers,
    key: tuple[str, str],
    own: Facts,
    signed: Signature,
    notes: Iterable[str] = (),
) -> Plan:
    """Return a plan that leaves a model with these facts of one's own."""
    ref, place = "/".join(key), (OWN, *key)
    before = layers.own(*key)
    below = layers.below(*key)
    told: State = {} if below is None else {(CATALOG, *key): {}}
    was, will = ({**told, place: facts} if facts else told for facts in (before, own))
    changes = list(diff(was, will))
    if not changes:
        raise DoesNotApplyError(f"{ref}: nothing would change")
    new = restacked(layers.catalog, {key: stacked_facts(below, own)})
    served: list[Change] = []
    found = list(notes)
    for other in sorted(new):
        now = layers.catalog.get(*other)
        old = None if now is None else decode(now._columns)  # noqa: SLF001
        columns = new[other]
        facts = None if columns is None else decode(columns)
        sides = [
            {} if side is None else {(OWN, *other): flat_facts(side)}
            for side in (old, facts)
        ]
        served += diff(sides[0], sides[1])
        if facts is not None and other == key:
            found += _judged(layers, key, old, facts)
    return Plan(verb, ref, changes, served, found, signed)


def _judged(
    layers: Layers,
    key: tuple[str, str],
    old: dict[str, Any] | None,
    facts: dict[str, Any],
) -> list[str]:
    """Return what the rules of YAML find in a model that they did not find before.

    Raises InvalidFactError for errors.
    """
    before = set() if old is None else {_said(f) for f in _found(layers, key, old)}
    new = [f for f in _found(layers, key, facts) if _said(f) not in before]
    errors = [_said(finding) for finding in new if finding.is_error]
    if errors:
        raise InvalidFactError(f"{'/'.join(key)}: {'; '.join(errors)}")
    return [_said(finding) for finding in new]


def _said(finding: Any) -> str:
    return f"{finding.code}: {finding.message}"


def _found(layers: Layers, key: tuple[str, str], facts: dict[str, Any]) -> list[Any]:
    provider, model_id = key
    known = layers.catalog.snapshot.providers.get(provider, {})
    about = {"provider": provider}
    if "kind" in known:
        about["kind"] = known["kind"]
    models: dict[str, dict[str, Any]] = {model_id: facts}
    target = facts.get("alias_of")
    if target and layers.catalog.get(provider, target) is not None:
        models.setdefault(target, {})
    return validate([Layer(f"{provider}.yaml", about, models)])
