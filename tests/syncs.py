"""A desk for syncs in memory: two catalogues that ship claims, and guards to choose."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.claims import Claims, Packed
from modeldex.catalog.merging.merge import merge
from modeldex.domain.syncing import Doubt
from modeldex.registry.sync import Sources
from modeldex.usecases.sync.run import Answer, Desk, SourceReport, take
from stored import Memory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change, Facts
    from modeldex.registry import Registry
    from modeldex.usecases.stored import StoredCatalog

D = Decimal
DAY0 = "2026-11-01"
Said = dict[str, Any]


def model(price: str = "1", window: int = 100_000, **more: Any) -> Said:
    """Return what a source says of a small model."""
    return {
        "pricing.input": D(price),
        "pricing.output": D(price) * 4,
        "context_window": window,
        **more,
    }


LITELLM: dict[Key, Said] = {
    ("acme", "one"): model(),
    ("acme", "two"): model("2"),
    ("beta", "b"): model("3"),
}
GENAI: dict[Key, Said] = {("acme", "one"): model(), ("beta", "c"): model("4")}


def shipped() -> tuple[Packed, dict[Key, dict[str, Any]]]:
    """Return the claims that are shipped, and what they were merged to."""
    merged = merge(
        [Claims("litellm", DAY0, LITELLM), Claims("genai-prices", DAY0, GENAI)]
    )
    return merged.claims, dict(merged.models)


class Open:
    """Guards that hold nothing."""

    def of_model(
        self,
        key: Key,  # noqa: ARG002
        changes: Sequence[Change],  # noqa: ARG002
        before: Facts | None,  # noqa: ARG002
        after: Facts,  # noqa: ARG002
    ) -> Mapping[str, Sequence[Doubt]]:
        """Doubt nothing."""
        return {}

    def of_prices(
        self,
        changed: Mapping[Key, Sequence[Change]],  # noqa: ARG002
        doubts: Any,  # noqa: ARG002
    ) -> Mapping[Key, Mapping[str, Sequence[Doubt]]]:
        """Doubt nothing."""
        return {}

    def of_absences(
        self,
        source: str,  # noqa: ARG002
        had: Collection[Key],  # noqa: ARG002
        gone: Collection[Key],  # noqa: ARG002
        added: Collection[Key],  # noqa: ARG002
        canonical: Mapping[Key, str],  # noqa: ARG002
    ) -> Sequence[Doubt]:
        """Doubt nothing."""
        return ()

    def released(
        self,
        doubts: Sequence[Doubt],  # noqa: ARG002
        said: Mapping[str, Any],  # noqa: ARG002
        value: Any,  # noqa: ARG002
    ) -> bool:
        """Lift nothing."""
        return False


class Wary(Open):
    """Guards that hold input prices above 100, and that a provider loses two models."""

    def of_model(
        self, key: Key, changes: Sequence[Change], before: Facts | None, after: Facts
    ) -> Mapping[str, Sequence[Doubt]]:
        """Hold what is dear."""
        del key, before, after
        return {
            change.field: [Doubt("dear", {"new": str(change.new.value)})]
            for change in changes
            if change.field == "pricing.input"
            and change.new is not None
            and change.new.value > 100
        }

    def of_absences(
        self,
        source: str,
        had: Collection[Key],
        gone: Collection[Key],
        added: Collection[Key],
        canonical: Mapping[Key, str],
    ) -> Sequence[Doubt]:
        """Hold two."""
        del source, had, added, canonical
        return [Doubt("mass", {"gone": str(len(gone))})] if len(gone) > 1 else []

    def released(
        self, doubts: Sequence[Doubt], said: Mapping[str, Any], value: Any
    ) -> bool:
        """Lift what two sources say."""
        return bool(doubts) and list(said.values()).count(value) > 1


class Office:
    """A registry, the desk that syncs it, and a clock that tests move."""

    def __init__(self, guards: Open | None = None, **authority: str) -> None:
        packed, models = shipped()
        self.around = Memory(models)
        self.registry: Registry = self.around.registry()
        self.stored: StoredCatalog = self.registry._written()[0]
        self.day = 2
        known = {name: frozenset(text.split()) for name, text in authority.items()}
        self.desk = Desk(
            self.stored, lambda: packed, lambda _c: guards or Open(), known
        )

    @property
    def at(self) -> str:
        """The time of the next answer."""
        return f"2026-11-{self.day:02}T12:00:00.000+00:00"

    def take(
        self, source: str, models: Mapping[Key, Said], **more: Any
    ) -> SourceReport:
        """Take an answer."""
        answer = Answer(source, self.at, models, len(models), **more)
        return take(answer, self.desk)

    def litellm(self, changes: Mapping[Key, Said | None] | None = None) -> SourceReport:
        """Take litellm's claims again, with changes; None leaves a model out."""
        models = {**LITELLM, **(changes or {})}
        said = {key: value for key, value in models.items() if value is not None}
        return self.take("litellm", said)

    def sources(self) -> Sources:
        """Return the group of a registry that syncs."""
        return Sources(self.stored, lambda: "tester", lambda _stored: (self.desk, ()))

    @property
    def revisions(self) -> int:
        """The number of revisions."""
        store = self.stored.store()
        return 0 if store is None else store.head().revision

    def price(self, ref: str) -> Decimal | None:
        """Return the input price that is served."""
        found: Decimal | None = self.registry.get_info(ref).pricing.input
        return found


def counts(report: SourceReport) -> Counter[str]:
    """Return the counts of a report that are not 0."""
    return Counter({name: n for name, n in report.counts.items() if n})
