"""A registry as plain files, which any file host or CDN serves.

    modeldex.json                   the manifest (`usecases.publishing`): written last
    snapshot/v2/<sha256>.snapshot   what `modeldex.open(URL)` reads
    catalog.json                    all models
    providers.json                  all providers
    providers/PROVIDER.json         one provider, and its models
    models/PROVIDER/ID.json         one model
    history/PROVIDER/ID.json        what changed of it
    feeds/changes.atom, .json       what became known of all lately
    feeds/PROVIDER.atom             of one provider
    modeldex.d.ts                   types of the JSON files
    SHA256SUMS                      a digest of each file, as `sha256sum -c` reads

Equal catalogues give equal bytes on one day: statuses are those of that day. Ids are
paths, as they are; a character that no path may hold is written as %XX.
"""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from modeldex.domain.change import plain
from modeldex.usecases.feed import atom_feed, json_feed, newest
from modeldex.usecases.records import json_bytes
from modeldex.usecases.typescript import type_definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from modeldex.catalog import Catalog
    from modeldex.domain.change import Change
    from modeldex.domain.model import Model
    from modeldex.usecases.exports.export import Export
    from modeldex.usecases.publishing import Publication

    File = tuple[str, bytes]
    Tick = Callable[[int, int], object]

SUMS, TYPES = "SHA256SUMS", "modeldex.d.ts"
FEED_DAYS, FEED_ENTRIES, PROVIDER_ENTRIES = 30, 500, 100
_SAFE = "/@~+:._-"


class View(Protocol):
    """What a site is made of: a registry."""

    catalog: Catalog

    def find(self, *, status: str) -> Sequence[Model]:
        """Return models."""

    def providers(self) -> Sequence[str]:
        """Return the ids of all providers."""

    def provider_info(self, name: str) -> dict[str, Any]:
        """Return a provider's facts."""

    def history(self, ref: str) -> Sequence[Change]:
        """Return what changed of a model."""

    def changes(self, since: object) -> Sequence[Change]:
        """Return what became known of all models since a time."""

    def export(self, format: str, /) -> Export:  # noqa: A002
        """Return the models in another program's format."""


def site_files(
    view: View,
    publication: Publication,
    *,
    history: bool = True,
    tick: Tick | None = None,
) -> Iterator[File]:
    """Yield the files of a site but the manifest, by their paths below it.

    `history` says whether that of each model is among them, which takes most of the
    time; `tick` is told how much of how much is done.
    """
    sums: list[str] = []
    told = tick or (lambda _done, _total: None)
    for path, data in _files(view, publication, told, history=history):
        if not path.startswith("snapshot/"):  # its name is its digest
            sums.append(f"{sha256(data).hexdigest()}  {path}\n")
        yield path, data
    yield SUMS, "".join(sorted(sums, key=lambda line: line[66:])).encode()


def _exports(view: View) -> Iterator[File]:
    """Yield the catalogue in the formats of others, but what lacks its package."""
    from modeldex.errors import MissingExtraError
    from modeldex.usecases.exports import ALIASES, FORMATS

    for form in FORMATS.values():
        try:
            content = view.export(form.name).content
        except MissingExtraError:
            continue
        yield f"export/{form.filename}", content
        for path, name in ALIASES.items():
            if name == form.name:
                yield f"export/{path}", content


def _files(
    view: View, publication: Publication, tick: Tick, *, history: bool
) -> Iterator[File]:
    from msgspec import Raw

    models = list(view.find(status="any"))
    yield TYPES, type_definitions().encode()  # the first: it marks a folder as a site
    yield from publication.files.items()
    yield from _exports(view)
    grouped: dict[str, list[Any]] = {name: [] for name in view.providers()}
    records = []
    for done, model in enumerate(models):
        tick(done, len(models))
        record = json_bytes(model.as_dict())
        records.append(Raw(record))  # as they are encoded, in other files too
        grouped[model.provider].append(records[-1])
        yield f"models/{place_of(model.ref)}.json", record + b"\n"
        if history:
            said = [change_record(change) for change in view.history(model.ref)]
            told = {"ref": model.ref, "changes": said}
            yield f"history/{place_of(model.ref)}.json", json_bytes(told) + b"\n"
    tick(len(models), len(models))
    manifest = publication.manifest
    yield (
        "catalog.json",
        json_bytes(
            {
                "id": manifest.id,
                "revision": manifest.revision,
                "digest": manifest.digest,
                "updated_at": manifest.updated_at,
                "models": records,
            }
        ),
    )
    infos = [view.provider_info(name) for name in grouped]
    yield "providers.json", json_bytes(infos)
    for info in infos:
        name = info["provider"]
        file: dict[str, Any] = {"provider": info, "models": grouped[name]}
        yield f"providers/{name}.json", json_bytes(file)
    yield from _feeds(view, grouped)


def _feeds(view: View, providers: Iterator[str] | Any) -> Iterator[File]:
    today = view.catalog.today()
    dated = min(view.catalog.snapshot.meta.get("date") or today, today)
    since = date.fromisoformat(dated) - timedelta(days=FEED_DAYS)
    changes = view.changes(since)
    lately = newest(changes, FEED_ENTRIES)
    yield "feeds/changes.atom", atom_feed(lately, dated).encode()
    yield "feeds/changes.json", json_bytes(json_feed(lately))
    of: dict[str, list[Change]] = {name: [] for name in providers}
    for change in changes:
        of.setdefault(change.provider, []).append(change)
    for name, found in of.items():
        some = newest(found, PROVIDER_ENTRIES)
        yield f"feeds/{name}.atom", atom_feed(some, dated).encode()


def place_of(ref: str) -> str:
    """Return the path of a ref: its characters, but for those that no path may hold."""
    return quote(ref, safe=_SAFE)


def change_record(change: Change) -> dict[str, Any]:
    """Return a change's JSON form; `date` is when it became known."""
    fact = change.new or change.old
    return {
        "date": change.observed_at,
        "ref": change.ref,
        "field": change.field,
        "old": _value(change.old),
        "new": _value(change.new),
        "kind": change.kind,
        "source": plain(None if fact is None else fact.source),
        "effective_at": change.effective_at,
    }


def _value(fact: Any) -> Any:
    """Return a fact's value; of a whole model, its facts' values."""
    value = None if fact is None else fact.value
    if isinstance(value, dict):
        facts = value.items()
        return {n: item.value if hasattr(item, "source") else item for n, item in facts}
    return value
