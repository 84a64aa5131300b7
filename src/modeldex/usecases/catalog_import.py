"""Claims into the authored YAML: merge, keep what people wrote, touch nothing else."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.amend import same
from modeldex.catalog.authoring.edit import rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.merging.agreement import DERIVED
from modeldex.catalog.merging.claims import (
    STATE_FIELD,
    Claims,
    decode,
    encode,
    flatten,
    nest,
)
from modeldex.catalog.merging.defaults import NOTICE
from modeldex.catalog.merging.merge import FACT_ORDER, Merged, merge
from modeldex.domain.lifecycle import status_on
from modeldex.domain.pricing import dated_of
from modeldex.domain.ref import is_provider_id
from modeldex.errors import AuthoringError, SourceFormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key, Packed
    from modeldex.catalog.merging.merge import SourceReport

    Facts = Mapping[str, Any]

CURATED = "curated"
_PRICE, _RATE = "pricing.", "rates."


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A value that a person wrote and that an import left alone."""

    ref: str
    field: str
    value: str
    sources_say: str
    pinned: bool
    """False when the value was edited by hand and is marked curated only now."""


@dataclass(slots=True)
class ImportReport:
    """What an import did to the files of a directory."""

    merged: Merged
    added_files: list[str] = field(default_factory=list)
    changed_files: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    not_in_sources: int = 0
    claims_changed: bool = False
    notes: list[str] = field(default_factory=list)
    """What the caller should know of the files, such as a day that was inferred."""

    @property
    def changed(self) -> bool:
        """Tell whether any file differs from what it was."""
        return bool(self.added_files or self.changed_files or self.claims_changed)


def _is_curated(source: object) -> bool:
    return _name_of(source) == CURATED


def _name_of(source: object) -> object:
    """Return the name of an entry of `sources`, which may say who, when and why."""
    return source.get("source", CURATED) if isinstance(source, dict) else source


def _key_of(name: str, sources: Facts) -> str:
    """Return the key of `sources` that stands for a field, or an empty one."""
    keys = (name, name.partition(".")[0], "*")
    return next((key for key in keys if key in sources), "")


def _persons(
    current: Facts, base: Facts | None, new: Facts, imported: Collection[str]
) -> dict[str, bool]:
    """Return the fields that a person wrote, each with whether it is curated yet.

    These are the curated ones, and those that say something else than the sources
    and also than the last import wrote (`base`). Where no import is known, `sources`
    tell which were imported. An absent field is nobody's.
    """
    sources = current.get("sources") or {}
    theirs = flatten(new)
    written = {*imported, DERIVED}
    found: dict[str, bool] = {}
    for name, mine in flatten(current).items():
        source = sources.get(_key_of(name, sources))
        if source is not None and _is_curated(source):
            found[name] = True
        elif same(mine, theirs.get(name)):
            continue
        elif base is None:
            if _name_of(source) not in written:
                found[name] = False
        elif not same(mine, base.get(name)):
            found[name] = False
    return found


def _said(name: str, theirs: Facts) -> str:
    """Return what the sources say instead of a value that a person wrote."""
    value = theirs.get(name)
    if value is None and name == STATE_FIELD:
        prices = [key for key in theirs if key.startswith(_PRICE)]
        value = ", ".join(f"{key[len(_PRICE) :]} {theirs[key]}" for key in prices)
    elif value is None and name.startswith(_PRICE):
        value = theirs.get(STATE_FIELD)
    return "nothing" if value in (None, "") else str(value)


def _together(theirs: Facts, mine: Facts) -> dict[str, Any]:
    """Return a person's facts over those of the sources; prices have no state.

    An amount that a person wrote is not replaced on a later day by a source's.
    """
    rest = dict(theirs)
    meters = [key[len(_PRICE) :] for key in mine if key.startswith(_PRICE)]
    if STATE_FIELD in mine:
        rest = {key: rest[key] for key in rest if not key.startswith((_PRICE, _RATE))}
    elif meters:
        rest.pop(STATE_FIELD, None)
        rates = [key[len(_RATE) :] for key in rest if key.startswith(_RATE)]
        for key in dated_of(rates, meters):
            del rest[f"{_RATE}{key}"]
    return {**rest, **mine}


def _provenance(
    sources: Facts, new: Facts, names: Collection[str], persons: Mapping[str, bool]
) -> dict[str, Any]:
    """Return `sources:` for the fields of a model, each under whom it is from.

    A person's entries stay as they are, but for those whose field was removed.
    """
    others = [name for name in names if name not in persons]
    held = {_key_of(name, sources) for name in persons}
    free = {_key_of(name, sources) for name in others} - held
    used = {_key_of(name, new) for name in others} | {"*"}
    used |= {key for key in new if key.rpartition(".")[0] in others}  # parameters
    shown = {key: source for key, source in new.items() if key in used}
    pins = {key: source for key, source in sources.items() if _is_curated(source)}
    shown |= {key: source for key, source in pins.items() if key not in free}
    for name, pinned in persons.items():
        if not pinned:
            shown[name] = CURATED
        elif not _is_curated(shown.get(_key_of(name, shown))):
            shown[name] = sources[_key_of(name, sources)]
    for name in others:
        source = new.get(_key_of(name, new))
        if source is not None and shown.get(_key_of(name, shown)) != source:
            shown[name] = source
    return shown


def _reconcile(
    ref: str, current: Facts, base: Facts | None, new: Facts, report: ImportReport
) -> dict[str, Any]:
    """Return the facts to write: the new ones, but for what a person wrote."""
    here, theirs = flatten(current), flatten(new)
    persons = _persons(current, base, new, report.merged.claims.dates)
    for name, pinned in persons.items():
        if not same(here[name], theirs.get(name)):
            said = _said(name, theirs)
            report.kept.append(Kept(ref, name, str(here[name]), said, pinned))
    flat = _together(theirs, {name: here[name] for name in persons})
    facts = nest(flat)
    facts["updated_at"] = new.get("updated_at")
    sources = current.get("sources") or {}
    facts["sources"] = _provenance(sources, new["sources"], flat, persons)
    for name in current:
        if name in FACT_ORDER and name not in facts:
            facts[name] = None
    return facts


def _provider_facts(current: Facts, new: Facts, models: Facts, day: str) -> Facts:
    """Return the provider's facts: a person's stay, a dying default is replaced."""
    soon = (date.fromisoformat(day) + NOTICE).isoformat()
    facts = {**new, **{key: current[key] for key in new if key in current}}
    dates = [d for d in (current.get("updated_at"), new.get("updated_at")) if d]
    facts["updated_at"] = max(dates)
    default = models.get(facts.get("default_model") or "")
    if default is None or (
        status_on(soon, default.get("status"), default.get("deprecation_date"))
        == "retired"
    ):
        facts["default_model"] = new.get("default_model")
    return facts


def import_claims(
    claims: Sequence[Claims],
    directory: str,
    claims_path: str,
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Merge claims into the YAML files of a directory and pack all claims beside.

    Comments, order, untouched lines and what people wrote stay; models that no
    source knows stay; what a source said that is not given this time still counts;
    nothing quarantined is written. Importing the same claims twice changes no byte.
    Raises AuthoringError, before anything is written, when a present file has errors.
    """
    packed = _previous(claims_path)
    merged = merge([*claims, *_others(packed, {c.source for c in claims})])
    report = ImportReport(merged)
    served = packed.served if packed else {}
    texts: dict[str, str] = {}
    for provider, models in merged.by_provider().items():
        path = os.path.join(directory, f"{provider}.yaml")
        old, text = _rewritten(path, provider, models, served, report)
        if text != old:
            (report.changed_files if old else report.added_files).append(path)
            texts[path] = text
    if not dry_run:
        _write_all(texts)
        report.claims_changed = _write_claims(merged, claims_path)
    return report


def _rewritten(
    path: str,
    provider: str,
    models: Mapping[str, dict[str, Any]],
    served: Mapping[Key, Facts],
    report: ImportReport,
) -> tuple[str, str]:
    """Return a provider's file as it is, and with the merged facts in it."""
    if not is_provider_id(provider):
        raise SourceFormatError(f"{provider[:80]!r} is no provider id")
    data = _read(path)
    layer = load_text(data, path)
    if layer.errors and data:
        raise AuthoringError(layer.errors)
    old = data.decode()
    facts = dict(models)
    for model_id, new in models.items():
        current = layer.models.get(model_id)
        if current is None:
            continue
        base = served.get((provider, model_id))
        ref = f"{provider}/{model_id}"
        facts[model_id] = _reconcile(ref, current, base, new, report)
    report.not_in_sources += len(set(layer.models) - set(models))
    merged = report.merged
    day = max(merged.claims.dates.values())
    known = {**layer.models, **facts}
    of_provider = _provider_facts(
        layer.provider if old else {}, merged.providers[provider], known, day
    )
    return old, rewrite(old, {"provider": provider, **of_provider}, facts)


def _previous(claims_path: str) -> Packed | None:
    """Return what the last import packed, or None when there was none."""
    if not os.path.exists(claims_path):
        return None
    with open(claims_path, "rb") as file:
        return decode(file.read())


def _others(packed: Packed | None, given: Collection[str]) -> list[Claims]:
    """Return the packed claims of the sources that are not given this time."""
    by_source: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for key, values in packed.models.items() if packed else ():
        for name, said in values.items():
            for source in said.keys() - given:
                models = by_source.setdefault(source, {})
                models.setdefault(key, {})[name] = said[source]
    dates = packed.dates if packed else {}
    return [Claims(source, dates[source], by_source[source]) for source in by_source]


def _read(path: str) -> bytes:
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def _write_all(texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        temporary = f"{path}.tmp"
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(temporary, path)


def _write_claims(merged: Merged, path: str) -> bool:
    """Write the packed claims, unless the file already says the same."""
    if os.path.exists(path):
        with open(path, "rb") as file:
            if decode(file.read()) == merged.claims:
                return False
    data = encode(merged.claims)
    with open(f"{path}.tmp", "wb") as file:
        file.write(data)
    os.replace(f"{path}.tmp", path)
    return True


def report_rows(report: ImportReport) -> Iterable[dict[str, Any]]:
    """Yield the report's figures as rows of (what, of, count)."""
    merged = report.merged.report
    for source in merged.sources:
        yield {"what": "claims", "of": source.source, "count": source.claims}
        yield {"what": "models", "of": source.source, "count": source.models}
        for reason, count in sorted(source.skipped.items()):
            yield {"what": f"skipped: {reason}", "of": source.source, "count": count}
        yield from _carried_rows(source)
    for name, count in sorted(merged.disagreements.items()):
        compared = merged.compared[name]
        yield {"what": f"disagreements of {compared}", "of": name, "count": count}
    for reason, count in sorted(merged.reasons.items()):
        yield {"what": "quarantined", "of": reason, "count": count}
    for (kinds, name), count in sorted(merged.rates.items()):
        yield {"what": f"rates by {kinds}", "of": name, "count": count}
    yield {"what": "zeros without meaning", "of": "all", "count": merged.zeros_dropped}
    dropped = merged.rates_dropped
    yield {"what": "rates beside a price state", "of": "all", "count": dropped}
    contradicted = len(merged.contradicted)
    yield {"what": "stated against the rules", "of": "canonical", "count": contradicted}
    yield {"what": "providers", "of": "all", "count": merged.providers}
    yield {"what": "models", "of": "all", "count": merged.models}
    yield {"what": "files added", "of": "all", "count": len(report.added_files)}
    yield {"what": "files changed", "of": "all", "count": len(report.changed_files)}
    yield {"what": "kept as people wrote", "of": "all", "count": len(report.kept)}


def _carried_rows(source: SourceReport) -> Iterable[dict[str, Any]]:
    """Yield how many of a source's price keys are read, and why the rest is not."""
    name = source.source
    yield {"what": "carried", "of": name, "count": sum(source.carried.values())}
    reasons: Counter[str] = Counter()
    for key, count in source.not_carried.items():
        reasons[key.partition(": ")[2] or "not read yet"] += count
    for reason, count in sorted(reasons.items()):
        yield {"what": f"not carried: {reason}", "of": name, "count": count}


def full_report(report: ImportReport) -> dict[str, Any]:
    """Return the whole report in JSON form: counts, quarantined claims, kept values."""
    merged = report.merged.report
    return {
        "counts": list(report_rows(report)),
        "quarantined": [
            {
                "ref": f"{held.provider}/{held.model}",
                "field": held.field,
                "source": held.source,
                "value": held.value,
                "reason": held.reason,
                "others": dict(held.others),
            }
            for held in merged.quarantined
        ],
        "carried": {s.source: dict(s.carried) for s in merged.sources},
        "contradicted": [
            {"ref": ref, "field": "canonical", "value": stated, "by_rule": ruled}
            for ref, stated, ruled in merged.contradicted
        ],
        "not_carried": {s.source: dict(s.not_carried) for s in merged.sources},
        "kept": [
            {
                "ref": kept.ref,
                "field": kept.field,
                "value": kept.value,
                "sources_say": kept.sources_say,
                "pinned": kept.pinned,
            }
            for kept in report.kept
        ],
        "files": {"added": report.added_files, "changed": report.changed_files},
    }
