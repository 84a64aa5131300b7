"""Where facts come from, and what waits for a person: groups of a Registry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from modeldex.domain.ref import split_ref
from modeldex.domain.syncing import OPEN
from modeldex.errors import InvalidInputError
from modeldex.registry.edits import Edits
from modeldex.usecases import edits as plans
from modeldex.usecases.sync import conflicts as disputes
from modeldex.usecases.sync import reviewing
from modeldex.usecases.sync.schedule import KeepFresh
from modeldex.usecases.sync.session import choose, sync
from modeldex.usecases.sync.status import statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from modeldex.domain.syncing import Answer, Review
    from modeldex.ports import Source
    from modeldex.registry.edits import Edit
    from modeldex.usecases.stored import StoredCatalog
    from modeldex.usecases.sync.conflicts import Conflict
    from modeldex.usecases.sync.run import Desk, SourceReport
    from modeldex.usecases.sync.session import Tell
    from modeldex.usecases.sync.status import SourceStatus
    from modeldex.usecases.sync.write_back import WriteBack


class Sources:
    """Where facts come from: `sync` asks, `conflicts` and `verdict` settle.

    `names` are those of sources or of providers. Nothing here goes out but `sync`.
    """

    def __init__(
        self,
        stored: StoredCatalog,
        author: Callable[[], str],
        open_desk: Callable[[StoredCatalog], tuple[Desk, Sequence[Source]]],
    ) -> None:
        self._stored = stored
        self._author = author
        self._open = open_desk
        self._opened: tuple[Desk, Sequence[Source]] | None = None

    def _desk(self) -> tuple[Desk, Sequence[Source]]:
        if self._opened is None:
            self._opened = self._open(self._stored)
        return self._opened

    def list(self, *names: str) -> list[SourceStatus]:
        """Return how sources stand: what each needs, when it last answered."""
        desk, sources = self._desk()
        chosen = choose(sources, names) if names else sources
        return statuses(desk, chosen)

    def known(self) -> Sequence[Source]:
        """Return the sources that can be asked."""
        return self._desk()[1]

    def sync(
        self,
        *names: str,
        dry_run: bool = False,
        tell: Tell = lambda _what, _done, _total: None,
    ) -> Sequence[SourceReport]:
        """Ask sources, all by default but those on this host, and take the answers.

        Each is one revision, or none where nothing changed. A source that cannot be
        asked changes nothing: its report says why. `tell` is told what is done, of how
        many. Raises InvalidInputError for an unknown name, StoreError.
        """
        sources = choose(self._desk()[1], names)
        return self.ask(sources, dry_run=dry_run, tell=tell)

    def ask(
        self,
        sources: Sequence[Source],
        *,
        dry_run: bool = False,
        tell: Tell = lambda _what, _done, _total: None,
    ) -> Sequence[SourceReport]:
        """Ask these sources, which need not be known ones; as `sync`."""
        self._stored.refresh()
        return sync(self._desk()[0], sources, dry_run=dry_run, tell=tell)

    def take(self, answer: Answer, *, dry_run: bool = False) -> SourceReport:
        """Take an answer that was recorded, as if it had been given now."""
        from modeldex.usecases.sync.run import take

        desk, _ = self._desk()
        self._stored.refresh()
        return take(answer, desk, dry_run=dry_run)

    def keep_fresh(
        self,
        *names: str,
        every: float | None = None,
        tell: Callable[[Sequence[SourceReport]], object] = lambda _reports: None,
    ) -> KeepFresh:
        """Sync from now on, each source when it is due, in a thread of its own.

        `every` is an interval for all, in seconds; by default each kind of source has
        its own. One of all processes over one store asks; the others serve what it
        has committed. Returns what ends it: `stop()`, or the end of a `with` block.
        """
        return self.freshness(*names, every=every, tell=tell).start()

    def freshness(
        self,
        *names: str,
        every: float | None = None,
        tell: Callable[[Sequence[SourceReport]], object] = lambda _reports: None,
    ) -> KeepFresh:
        """Return what keeps the catalogue fresh, to be run by a server: `run()`."""
        desk, sources = self._desk()
        return KeepFresh(desk, choose(sources, names), every=every, tell=tell)

    def conflicts(
        self,
        ref: str | None = None,
        field: str | None = None,
        provider: str | None = None,
    ) -> Sequence[Conflict]:
        """Return where sources do not say the same, and what is served.

        Of one model, of one provider's, or of all; of one field (`pricing.input`), of
        a group (`pricing`), or of all. Raises InvalidRefError.
        """
        self._stored.refresh()
        known = self._desk()[0].known()
        keys = sorted(known.models)
        if ref is not None:
            keys = [split_ref(ref)]
        if provider is not None:
            keys = [key for key in keys if key[0] == provider]
        told = self._stored.told(keys)
        found = disputes.conflicts(known, keys, told, self._stored.own, field)
        return list(found)

    def write_back(
        self, directory: str, claims_path: str, *, dry_run: bool = False
    ) -> WriteBack:
        """Write what was synced and accepted into the YAML files of a directory.

        What people wrote by hand is no part of it, nor what waits or was rejected.
        Raises AuthoringError, before anything is written, where a file has errors.
        """
        from modeldex.usecases.sync.write_back import (
            claims_after,
            plan_write_back,
            write,
        )

        self._stored.refresh()
        desk, _ = self._desk()
        now, shipped = self._stored.all_told(), self._stored.all_shipped()
        made = plan_write_back(now, shipped, directory)
        if made.models and not dry_run:
            store = self._stored.store()
            reviews = [] if store is None else store.reviews()
            data = claims_after(desk.packed, desk.known(), now, reviews)
            write(made, data, claims_path)
        return made

    def verdict(self, ref: str, field: str, to: str, **how: Any) -> Edit:
        """Serve what one source says of a field, or a group, until it moves.

        `because`, `url`, `by`, `expected` and `dry_run` as for edits, whose `unpin`
        takes it back. Raises InvalidInputError where the source says nothing of it,
        UnknownModelError, StoreError.
        """
        if not str(how.get("because") or "").strip():
            raise InvalidInputError("say why: because=…")
        self._stored.refresh()
        known = self._desk()[0].known()
        said = disputes.decided_claims(known, split_ref(ref), field, to)
        planned = partial(plans.plan_verdict, ref=ref, said=said, source=to)
        return Edits(self._stored, self._author).make(planned, **how)


class Reviews:
    """Changes that guards hold back: the old value serves until a person decides."""

    def __init__(self, stored: StoredCatalog, author: Callable[[], str]) -> None:
        self._stored = stored
        self._author = author

    def list(self, state: str | None = OPEN, source: str | None = None) -> list[Review]:
        """Return the reviews in a state, or all for None, the oldest first.

        States are open, accepted, rejected and withdrawn. Raises InvalidInputError.
        """
        return reviewing.reviews(self._stored, state, source)

    def get(self, number: int) -> Review:
        """Return a review; raise NotFoundError."""
        return reviewing.find_review(self._stored, number)

    def together(self, *numbers: int) -> Iterable[Review]:
        """Return the open reviews that are decided with these; as `accept` raises."""
        return reviewing.together(self._stored, numbers)

    def accept(
        self, *numbers: int, gone: int | None = None, **how: str
    ) -> Iterable[Review]:
        """Let changes in, as one revision; a model's prices go together.

        `because` says why, `by` who, `url` where it can be read; `gone` names how many
        models go, where that is more than half of a provider's. Raises NotFoundError,
        InvalidInputError, RevisionConflictError, StoreError.
        """
        self._stored.refresh()
        return reviewing.accept(self._stored, numbers, self._signed(how), gone)

    def reject(self, *numbers: int, **how: str) -> Iterable[Review]:
        """Keep changes out until their source says something else.

        `because` must say why. Raises NotFoundError, InvalidInputError, StoreError.
        """
        self._stored.refresh()
        if not how.get("because", "").strip():
            raise InvalidInputError("say why: because=…")
        return reviewing.reject(self._stored, numbers, self._signed(how))

    def _signed(self, how: Mapping[str, str]) -> plans.Signature:
        unknown = set(how) - {"because", "by", "url"}
        if unknown:
            raise TypeError(f"unexpected keywords: {', '.join(sorted(unknown))}")
        return plans.Signature(
            how.get("by") or self._author(),
            self._stored.around.now(),
            how.get("because", ""),
            how.get("url", ""),
        )
