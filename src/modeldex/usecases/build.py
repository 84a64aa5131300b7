"""YAML to snapshot: whole, or only what changed since the last one."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.load import SUFFIXES, load_text
from modeldex.catalog.authoring.validate import unmatched, validate
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.contract import Contract, lay_out
from modeldex.catalog.encode import decode, encode
from modeldex.catalog.facts import settled
from modeldex.catalog.pointers import price_pointers
from modeldex.catalog.stack import stack
from modeldex.domain import Value, set_slot
from modeldex.domain.model import COLUMNS
from modeldex.domain.provider import provider_id
from modeldex.errors import AuthoringError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.catalog.authoring.layer import Finding, Layer
    from modeldex.catalog.snapshot import Snapshot

USER = "user"
# how the sources of a model begin that a person wrote as a whole (`catalog.encode`)
_ALL_CURATED = ("*=curated", '{"*":{"source":"curated"')
_UPDATED, _SOURCES = COLUMNS.index("updated_at"), COLUMNS.index("sources")


class Built(Value):
    """Bytes of a snapshot, what was found on the way, and how many files were read."""

    __slots__ = ("data", "findings", "parsed")
    data: bytes
    findings: tuple[Finding, ...]
    parsed: int

    def __init__(self, data: bytes, findings: Iterable[Finding], parsed: int) -> None:
        set_slot(self, "data", data)
        set_slot(self, "findings", tuple(findings))
        set_slot(self, "parsed", parsed)


def _refuse_errors(findings: Iterable[Finding]) -> None:
    errors = sorted(finding for finding in findings if finding.is_error)
    if errors:
        raise AuthoringError(errors)


def read_files(directory: str) -> dict[str, bytes]:
    """Return the bytes of every YAML file of a directory by name, sorted."""
    files = {}
    for name in sorted(os.listdir(directory)):
        if name.endswith(SUFFIXES):
            with open(os.path.join(directory, name), "rb") as file:
                files[name] = file.read()
    return files


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file by name."""
    return {name: sha256(data).hexdigest() for name, data in files.items()}


def build_shipped(directory: str, previous: Snapshot | None = None) -> Built:
    """Compile the shipped YAML, one file per provider, under the strict rules.

    Files that are as `previous` had them are taken from it unparsed. Raises
    AuthoringError with every error.
    """
    files = read_files(directory)
    found = digests(files)
    made_by = fingerprint()
    if previous is not None and previous.meta.get("made_by") != made_by:
        previous = None
    known = {} if previous is None else previous.meta.get("files", {})
    same = {name for name, digest in found.items() if known.get(name) == digest}
    layers = [
        load_text(data, os.path.join(directory, name))
        for name, data in files.items()
        if name not in same
    ]
    findings = validate(layers, strict=True)
    _refuse_errors(findings)
    models = [
        settled(encode(layer.provider["provider"], model_id, facts))
        for layer in layers
        for model_id, facts in layer.models.items()
    ]
    providers = {layer.provider["provider"]: layer.provider for layer in layers}
    if previous is not None and same:
        kept = {os.path.splitext(name)[0] for name in same}
        models += [columns for columns in _all(previous) if columns[0] in kept]
        providers |= {p: f for p, f in previous.providers.items() if p in kept}
    meta = {"date": _newest(models), "files": found, "made_by": made_by}
    rows = price_pointers({(columns[0], columns[1]): columns for columns in models})
    data = compile_snapshot(rows.values(), _facts(providers), meta)
    return Built(data, findings, len(layers))


def _all(snapshot: Snapshot) -> Iterable[list[str]]:
    return snapshot.rows_columns(list(range(snapshot.meta["models"])))


def _facts(providers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return provider facts without what is said elsewhere."""
    left_out = ("provider", "models", "contract")
    return {
        name: {key: fact for key, fact in facts.items() if key not in left_out}
        for name, facts in providers.items()
    }


def _newest(models: Iterable[Sequence[str]]) -> str | None:
    """Return the date of the newest fact that is not all a person's."""
    dates = [
        columns[_UPDATED]
        for columns in models
        if not columns[_SOURCES].startswith(_ALL_CURATED)
    ]
    return max(dates, default="") or None


def fingerprint() -> str:
    """Return the SHA-256 of the code that makes a snapshot out of YAML."""
    root = os.path.dirname(os.path.dirname(__file__))
    digest = sha256()
    for folder in ("domain", "catalog", os.path.join("catalog", "authoring")):
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if name.endswith(".py"):
                with open(os.path.join(root, folder, name), "rb") as file:
                    digest.update(file.read())
    return digest.hexdigest()


def is_current(snapshot: Snapshot, directory: str) -> bool:
    """Tell whether a snapshot is what this code would make of the shipped YAML."""
    meta = snapshot.meta
    if meta.get("made_by") != fingerprint():
        return False
    return bool(meta.get("files") == digests(read_files(directory)))


def _over(base: Snapshot | None, name: str) -> str:
    """Return the id of the base's provider that a layer's name means, else the name.

    Without a base, a directory keeps its own names.
    """
    if base is None or name in base.providers:
        return name
    found = provider_id(name)
    return found if found in base.providers else name


def _over_facts(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a provider's facts over others: field by field, mappings by their keys."""
    entries = {
        key: {**below[key], **above[key]}
        for key in ("features", "limitations", "sources")
        if key in below and key in above
    }
    return {**below, **above, **entries}


def _lay_contracts(
    base: Snapshot | None,
    layers: Sequence[Layer],
    models: dict[tuple[str, str], list[str]],
) -> list[Finding]:
    """Give each model the rates of its provider's contracts, the last one on top.

    Return a finding for each row that means no model.
    """
    findings = []
    for layer in reversed(layers):
        rows = layer.provider.get("contract")
        if not rows:
            continue
        provider = _over(base, layer.provider["provider"])
        contract = Contract(rows)
        for key in [key for key in models if key[0] == provider]:
            facts = decode(models[key])
            laid = lay_out(contract, facts, key[1], USER)
            if laid is not None:
                models[key] = encode(*key, laid)
        findings += unmatched(layer, contract.unmatched)
    return findings


def layered(
    base: Snapshot,
    layers: Sequence[Layer],
    key: tuple[str, str],
    facts: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """Return one model's nested facts with layers over them, as `build_overlay` does.

    None for a model that neither the facts nor a layer tells of.
    """
    provider, model_id = key
    found = None if facts is None else dict(facts)
    over = [
        y for y in layers if _over(base, y.provider.get("provider", "")) == provider
    ]
    for layer in over:
        if model_id in layer.models:
            found = stack(found or {}, layer.models[model_id], USER)
    for layer in reversed(over):
        rows = layer.provider.get("contract")
        laid = (
            lay_out(Contract(rows), found, model_id, USER) if rows and found else None
        )
        found = laid or found
    return found


def build_overlay(base: Snapshot | None, layers: Sequence[Layer]) -> Built:
    """Compile layers over a base, field by field; later layers are on top.

    Without a base, layers are taken as they are written: oddities stay findings.
    Raises AuthoringError with every error.
    """
    findings = validate(layers)
    _refuse_errors(findings)
    models: dict[tuple[str, str], list[str]] = {}
    providers: dict[str, dict[str, Any]] = {}
    if base is not None:
        models = {(columns[0], columns[1]): columns for columns in _all(base)}
        providers = dict(base.providers)
    for layer in layers:
        provider = _over(base, layer.provider["provider"])
        facts = {**layer.provider, "provider": provider}
        providers[provider] = _over_facts(providers.get(provider, {}), facts)
        for model_id, facts in layer.models.items():
            known = models.get((provider, model_id))
            stacked = facts
            if known or base:
                stacked = stack(decode(known) if known else {}, facts, USER)
            models[provider, model_id] = encode(provider, model_id, stacked)
    findings += _lay_contracts(base, layers, models)
    rows = [(f.path, f.line, f.code, f.message, f.severity) for f in sorted(findings)]
    dates = [facts.get("updated_at") or "" for facts in providers.values()]
    newest = _newest(models.values()) or max(dates, default="") or None
    meta = {**(base.meta if base else {}), "date": newest, "findings": rows}
    priced = price_pointers(models)
    data = compile_snapshot(priced.values(), _facts(providers), meta)
    return Built(data, findings, len(layers))
