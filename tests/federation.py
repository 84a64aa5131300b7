"""Registries that follow each other over sites on 127.0.0.1, with a clock of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.federating import FollowedSource
from modeldex.catalog.merging.claims import Claims, Packed
from modeldex.catalog.merging.merge import merge
from modeldex.domain.own_source import OwnSource
from modeldex.registry.sync import Reviews, Sources
from modeldex.usecases.sync.run import Desk, SourceReport
from sites import Site
from stored import Memory
from syncs import DAY0, GENAI, LITELLM, Open

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.domain.syncing import SourceState
    from modeldex.registry import Registry
    from modeldex.usecases.stored import StoredCatalog

WHY = {"because": "a reason"}
Entries = dict[tuple[str, str], dict[str, Any]]


def shipped() -> tuple[Packed, Entries]:
    """Return the claims that are shipped to all, and what they were merged to."""
    merged = merge(
        [Claims("litellm", DAY0, LITELLM), Claims("genai-prices", DAY0, GENAI)]
    )
    return merged.claims, dict(merged.models)


class Node(Memory):
    """A registry with a site of its own, which may follow others by their URLs."""

    def __init__(self, name: str, *urls: str, guards: Any = None) -> None:
        packed, models = shipped()
        super().__init__(models)
        self.name = name
        self.minutes = 0
        self.site = Site()
        self.registry_: Registry = self.registry()
        self.stored: StoredCatalog = self.registry_._written()[0]
        self.followed: list[FollowedSource] = []
        make: Callable[[Any], Any] = guards or (lambda _catalog: Open())
        self.desk_ = Desk(self.stored, lambda: packed, make, {})
        self.follow(*urls)
        self.sources = Sources(
            self.stored, lambda: self.name, lambda _stored: (self.desk_, self.followed)
        )
        self.reviews = Reviews(self.stored, lambda: self.name)

    def now(self) -> str:
        """Return another time by each registry, moved by `minutes`."""
        day, minute = divmod(self.minutes, 1_440)
        mark = sum(map(ord, self.name)) % 1000
        hour, minute = divmod(minute, 60)
        return f"2026-11-{2 + day:02}T{hour:02}:{minute:02}:00.{mark:03}+00:00"

    def identity(self) -> str:
        """Return an id of its own."""
        return f"{self.name}0000"

    def follow(self, *others: Node | str) -> None:
        """Follow others from now on."""
        urls = [o if isinstance(o, str) else o.site.url for o in others]
        owns = [
            OwnSource(f"up{n}" if n else "up", url, "up", (), local=False, follows=True)
            for n, url in enumerate(urls)
        ]
        self.followed[:] = [FollowedSource(own, self.stored) for own in owns]
        self.desk_.authority = {s.name: s.authority for s in self.followed}

    def publish(self) -> None:
        """Put what is served onto the site."""
        self.site.put(self.registry_.publication())

    def sync(self, *names: str) -> list[SourceReport]:
        """Ask what is followed, a minute later; then publish."""
        self.minutes += 1
        reports = list(self.sources.sync(*names))
        self.publish()
        return reports

    def edit(self, ref: str, **how: Any) -> None:
        """Write by hand, and publish."""
        fields: Mapping[str, Any] = how.pop("fields")
        self.minutes += 1
        self.registry_.edits.set(ref, fields, **WHY, **how)
        self.publish()

    def state(self) -> SourceState:
        """Return where the sync with the first that is followed is."""
        return self.desk_.state(self.followed[0].name)

    @property
    def revision(self) -> int:
        """The last revision."""
        return 0 if self.made is None else self.made.head().revision

    def facts(self) -> dict[str, dict[str, Any]]:
        """Return what is served of all models, without who gave it and when."""
        beside = ("sources", "updated_at", "limits")
        return {
            model.ref: {n: v for n, v in model.as_dict().items() if n not in beside}
            for model in self.registry_.find(status="any")
        }
