"""Writing by hand, and the revisions that it makes: groups of a Registry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from modeldex.catalog.history import moment_text
from modeldex.domain import Value, set_slot
from modeldex.domain.ref import split_ref
from modeldex.errors import (
    InvalidFactError,
    InvalidInputError,
    RevisionConflictError,
    UnknownRevisionError,
)
from modeldex.ports import Draft
from modeldex.usecases import edits as plans
from modeldex.usecases import revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.domain.change import Change
    from modeldex.ports import Fault, Head, Revision, Store
    from modeldex.usecases.edits import Plan, Signature
    from modeldex.usecases.stored import StoredCatalog

    Planning = Callable[[StoredCatalog], Plan]


class Edit(Value):
    """An edit: what it is, and the revision that it became; None for a dry run."""

    __slots__ = ("plan", "revision")
    plan: Plan
    revision: Revision | None

    def __init__(self, plan: Plan, revision: Revision | None = None) -> None:
        set_slot(self, "plan", plan)
        set_slot(self, "revision", revision)


class Edits:
    """What people write: each call is one revision, on top of every source.

    `because` says why and `url` where it can be read; `by` is who writes, else the
    user of this computer. `expected` is the last revision that the writer knows of:
    RevisionConflictError when there is another by now. `effective` is the day or time
    since when it is so; else it is so from now on. `dry_run` only tells what
    would be. All raise UnknownModelError, InvalidInputError and StoreError.
    """

    def __init__(self, stored: StoredCatalog, author: Callable[[], str]) -> None:
        self._stored = stored
        self._author = author

    def set(self, ref: str, fields: Mapping[str, Any], **how: Any) -> Edit:
        """Set fields of a model, named as `pricing.input` or `capabilities.vision`."""
        _need_reason(how)
        return self.make(partial(plans.plan_set, ref=ref, given=fields), **how)

    def add(self, ref: str, fields: Mapping[str, Any], **how: Any) -> Edit:
        """Add a model of one's own."""
        return self.make(partial(plans.plan_add, ref=ref, given=fields), **how)

    def remove(self, ref: str, **how: Any) -> Edit:
        """Remove a model that was added by hand."""
        return self.make(partial(plans.plan_remove, ref=ref), **how)

    def register(
        self, ref: str, fields: Mapping[str, Any], server: str, **how: Any
    ) -> Edit:
        """Write down what a local server says of a model (`usecases.registering`)."""
        from modeldex.usecases.registering import plan_register

        planned = partial(plan_register, ref=ref, given=fields, server=server)
        return self.make(planned, **how)

    def unregister(self, ref: str, server: str, **how: Any) -> Edit:
        """Take back what a local server was written down to say of a model."""
        from modeldex.usecases.registering import plan_unregister

        return self.make(partial(plan_unregister, ref=ref, server=server), **how)

    def pin(self, ref: str, fields: Iterable[str], **how: Any) -> Edit:
        """Keep today's values of fields, whatever sources come to say."""
        _need_reason(how)
        named = _names(fields)
        return self.make(partial(plans.plan_pin, ref=ref, fields=named), **how)

    def unpin(self, ref: str, fields: Iterable[str] = (), **how: Any) -> Edit:
        """Take back what was written of fields, or of all when none is named."""
        named = _names(fields)
        return self.make(partial(plans.plan_unpin, ref=ref, fields=named), **how)

    def disable(self, ref: str, **how: Any) -> Edit:
        """Leave a model out of `find`; `get_info` still returns it."""
        return self.make(partial(plans.plan_disable, ref=ref), **how)

    def enable(self, ref: str, **how: Any) -> Edit:
        """Let a disabled model be found again."""
        return self.make(partial(plans.plan_enable, ref=ref), **how)

    def make(  # noqa: PLR0913  the words of every edit
        self,
        planned: Callable[..., Plan],
        *,
        because: str = "",
        url: str = "",
        by: str = "",
        effective: str = "",
        expected: int | None = None,
        dry_run: bool = False,
        shown: Edit | None = None,
    ) -> Edit:
        """Commit what is planned over the catalogue as it is then."""
        stored = self._stored
        since = self._since(effective)
        signed = self._signed(because, url, by)
        made: list[Plan] = []

        def draft() -> Draft:
            made.append(planned(layers=stored, signed=signed))
            if shown is not None and shown.plan.served != made[-1].served:
                message = f"{made[-1].ref} has changed since; look at it again"
                raise RevisionConflictError(message, 0)
            return self._draft(made[-1], since)

        if dry_run:
            stored.refresh()
            return Edit(planned(layers=stored, signed=signed))
        revision = stored.commit(draft, expected=expected)
        return Edit(made[-1], revision)

    def _signed(self, because: str, url: str, by: str) -> Signature:
        for text in (because, url, by):
            if not text.isprintable():
                raise InvalidFactError(f"{text[:80]!r} is no line of text")
        day = self._stored.around.today()
        return plans.Signature(by or self._author(), day, because, url)

    def _since(self, effective: object) -> str | None:
        """Read since when it is so; what is to come is a rate of its own."""
        if not effective:
            return None
        found = moment_text(effective)
        if found[:10] > self._stored.around.today():
            message = (
                f"{found} is to come; only a price may be, with valid_from (--from)"
            )
            raise InvalidFactError(message)
        return found

    def _draft(self, plan: Plan, since: str | None) -> Draft:
        at, signed = self._stored.around.now(), plan.signed
        changes = [change.seen(at, since) for change in plan.changes]
        return Draft(
            changes,
            author=signed.by,
            source="edit",
            at=at,
            reason=signed.because or f"{plan.verb} {plan.ref}",
            url=signed.url,
        )


class Revisions:
    """The store's revisions; where nothing was ever written there are none."""

    def __init__(self, stored: StoredCatalog, author: Callable[[], str]) -> None:
        self._stored = stored
        self._author = author

    @property
    def head(self) -> Head | None:
        """Where the store is; None without one."""
        store = self._stored.store()
        return None if store is None else store.head()

    def log(self, limit: int | None = None) -> list[Revision]:
        """Return the revisions, the newest first."""
        store = self._stored.store()
        return [] if store is None else store.revisions(limit=limit, newest=True)

    def get(self, number: int) -> Revision:
        """Return a revision; raise UnknownRevisionError."""
        return self._store(number).revision(number)

    def changes(self, number: int) -> list[Change]:
        """Return the changes of a revision; raise UnknownRevisionError."""
        return revisions.changes_of(self._store(number), number)

    def of(self, ref: str) -> list[tuple[int, Change]]:
        """Return the changes of one model with the numbers of their revisions."""
        store = self._stored.store()
        return [] if store is None else store.changes_of(*split_ref(ref))

    def diff(self, old: int, new: int | None = None) -> list[Change]:
        """Return what leads from one revision's state to another's, or the last's."""
        store = self._store(max(old, new or 0))
        return revisions.between(
            store, old, store.head().revision if new is None else new
        )

    def rollback(  # noqa: PLR0913  as of an edit
        self,
        number: int | None = None,
        *,
        because: str = "",
        url: str = "",
        by: str = "",
        expected: int | None = None,
        dry_run: bool = False,
    ) -> tuple[list[Change], Revision | None]:
        """Restore the state at a revision, by default that before the last one.

        It is a new revision. Returns its changes and itself; None for a dry run.
        """
        stored = self._stored
        store = self._store(number or 0)
        target = store.head().revision - 1 if number is None else number
        made: list[list[Change]] = []

        def draft() -> Draft:
            at = stored.around.now()
            made.append(revisions.rolled_back(store, target, at))
            return Draft(
                made[-1],
                author=by or self._author(),
                source="rollback",
                at=at,
                reason=because or f"back to revision {target}",
                url=url,
            )

        if dry_run:
            return revisions.rolled_back(store, target, ""), None
        revision = stored.commit(draft, expected=expected)
        return made[-1], revision

    def publish(self, *, anew: bool = False) -> str:
        """Write the catalogue file for other processes now, not in a second.

        `anew` writes it whatever this process knows, as after a restored backup.
        Returns why it cannot be written, or "". The edit is in the store even so.
        """
        if anew:
            self._stored.refresh()
        self._stored.flush(anew=anew)
        return self._stored.trouble

    def mend(self) -> tuple[int, int] | None:
        """Publish what a process committed that ended before it could publish it.

        Return the revision that readers had and the one that they have now; None where
        nothing was behind. Raises StoreError.
        """
        return self._stored.mend()

    def verify(self) -> list[Fault]:
        """Replay every revision; return what is not as it must be."""
        store = self._stored.store()
        return [] if store is None else store.verify()

    def _store(self, number: int) -> Store:
        store = self._stored.store()
        if store is None:
            message = f"there is no revision {number}: nothing was ever written"
            raise UnknownRevisionError(message)
        return store


def _need_reason(how: Mapping[str, Any]) -> None:
    if not str(how.get("because") or "").strip():
        raise InvalidInputError("say why: because=…")


def _names(fields: Iterable[str]) -> tuple[str, ...]:
    return (fields,) if isinstance(fields, str) else tuple(fields)
