"""What was synced and accepted, as edits of the authored YAML: for maintainers.

Comments, order and untouched lines stay. The packed claims say the same afterwards, so
that a later import does not take what is written for somebody's edit by hand.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.edit import rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.facts import nested_facts
from modeldex.catalog.merging.claims import Packed, encode, flatten
from modeldex.catalog.snapshot import write_snapshot
from modeldex.domain.provider import provider_kind
from modeldex.domain.provider_name import provider_name
from modeldex.domain.syncing import OPEN, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.catalog.merging.claims import Key, Values
    from modeldex.domain.change import Facts
    from modeldex.domain.syncing import Review
    from modeldex.usecases.sync.known import Known


@dataclass(slots=True)
class WriteBack:
    """What was written back: files by path with their new text, and the models."""

    texts: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    fields: int = 0


def plan_write_back(
    now: Mapping[Key, Facts], shipped: Mapping[Key, Facts], directory: str
) -> WriteBack:
    """Plan the files that say what a store serves, where the shipped ones do not.

    Raises AuthoringError where a file cannot be edited.
    """
    made = WriteBack()
    changed: dict[str, dict[str, Mapping[str, Any]]] = {}
    for key in sorted(now):
        before, after = shipped.get(key, {}), now[key]
        names = {n for n in {*before, *after} if before.get(n) != after.get(n)}
        if names:
            changed.setdefault(key[0], {})[key[1]] = _facts(before, after)
            made.models.append("/".join(key))
            made.fields += len(names)
    for provider, models in changed.items():
        path = os.path.join(directory, f"{provider}.yaml")
        old = _read(path)
        text = rewrite(old, _provider(provider, models, old), models)
        if text != old:
            made.texts[path] = text
    return made


def _facts(before: Facts, after: Facts) -> dict[str, Any]:
    """Return a model's facts as they are authored; None for those that are gone."""
    old, new = nested_facts(before), nested_facts(after)
    return {**dict.fromkeys(old), **new}


def _provider(
    provider: str, models: Mapping[str, Mapping[str, Any]], old: str
) -> dict[str, Any]:
    """Return the facts of a provider: its day, and of a new one all that is known."""
    days = [str(m["updated_at"]) for m in models.values() if m.get("updated_at")]
    if old:
        known = load_text(old.encode(), provider).provider.get("updated_at")
        days += [str(known)] if known else []
        facts = {"provider": provider}
    else:
        name, kind = provider_name(provider), provider_kind(provider)
        facts = {"provider": provider, "name": name, "kind": kind}
    return {**facts, "updated_at": max(days)} if days else facts


def _read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def claims_after(
    packed: Packed,
    known: Known,
    now: Mapping[Key, Facts],
    reviews: Iterable[Review],
) -> bytes:
    """Return the packed claims with what was remembered, but for what is held back."""
    models: dict[Key, Values] = dict(known.models)
    for review in reviews:
        if review.state in (OPEN, REJECTED) and review.field:
            key = (review.provider, review.model_id)
            models[key] = _without(models.get(key, {}), packed, key, review)
    served = dict(packed.served)
    for key, facts in now.items():
        nested = nested_facts(facts)
        nested.pop("sources", None)
        served[key] = flatten(nested)
    models = {key: values for key, values in models.items() if values}
    kept = {key: facts for key, facts in served.items() if key in models}
    return encode(replace(packed, dates=known.dates, models=models, served=kept))


def _without(values: Values, packed: Packed, key: Key, review: Review) -> Values:
    """Return claims with a held one as it was."""
    found = {name: dict(said) for name, said in values.items()}
    said = found.setdefault(review.field, {})
    before = packed.models.get(key, {}).get(review.field, {}).get(review.source)
    said.pop(review.source, None)
    if before is not None:
        said[review.source] = before
    if not said:
        del found[review.field]
    return found


def write(made: WriteBack, claims: bytes, claims_path: str) -> None:
    """Write the files, each whole or not at all; the claims last."""
    for path, text in made.texts.items():
        write_snapshot(text.encode(), path)
    write_snapshot(claims, claims_path)
