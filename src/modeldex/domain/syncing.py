"""What a sync remembers: its sources, what they list, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.change import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.change import Fact

OPEN, ACCEPTED, REJECTED, WITHDRAWN = "open", "accepted", "rejected", "withdrawn"
REVIEW_STATES = (OPEN, ACCEPTED, REJECTED, WITHDRAWN)
ALL_MODELS = "*"  # the model id of what is about a provider's whole list


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where the sync with a source is; times are UTC, ISO text, "" for never.

    `digest` is of the last answer, `etag` and `last_modified` are its validators.
    `rows` is how many entries it had, and `complete` whether it was whole. `changed_at`
    is when an answer last said something else than before. `error` is why the last try
    failed, "" if it did not.
    """

    source: str
    tried_at: str = ""
    synced_at: str = ""
    changed_at: str = ""
    digest: str = ""
    etag: str = ""
    last_modified: str = ""
    rows: int = 0
    complete: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """That a source lists a model: by which id, and the digest of all that it says.

    `model_id` is the source's own spelling. `missing_since` is the time of the first
    complete answer without it, "" while it is there.
    """

    source: str
    provider: str
    model_id: str
    digest: str
    missing_since: str = ""


class Doubt(NamedTuple):
    """Why a change waits for a person: the rule that fired, and what it saw.

    `refuse` marks what is surely damage: it is kept for review as the rest is, but
    no agreement of sources releases it.
    """

    rule: str
    evidence: Mapping[str, str] = {}
    refuse: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """A change that waits for a person, or waited; the old value serves meanwhile.

    `number` is the store's, 0 before it has one. `field` is "" for a whole model, and
    `model_id` is `*` where it is about a provider's whole list. `revision` is the one
    that an accepted change became.
    """

    provider: str
    model_id: str
    field: str
    source: str
    old: Fact | None
    new: Fact | None
    doubts: tuple[Doubt, ...]
    opened_at: str
    number: int = 0
    state: str = OPEN
    decided_at: str = ""
    by: str = ""
    because: str = ""
    revision: int = 0

    @property
    def ref(self) -> str:
        """The ref of the model."""
        return f"{self.provider}/{self.model_id}"

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What there is one open review of: source, provider, model id, field."""
        return self.source, self.provider, self.model_id, self.field

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "number": self.number,
            "ref": self.ref,
            "field": self.field,
            "source": self.source,
            "old": value_of(self.old),
            "new": value_of(self.new),
            "rules": [doubt.rule for doubt in self.doubts],
            "evidence": [{"rule": d.rule, **d.evidence} for d in self.doubts],
            "state": self.state,
            "opened_at": self.opened_at,
            "decided_at": self.decided_at or None,
            "by": self.by or None,
            "because": self.because or None,
            "revision": self.revision or None,
        }


@dataclass(frozen=True, slots=True)
class Memory:
    """What is to be remembered in one transaction, beside a revision or without one.

    A listing replaces that of the same source and id; one without a digest is
    forgotten. A review without a number is opened, one with a number replaces it.
    """

    states: tuple[SourceState, ...] = ()
    listings: tuple[Listing, ...] = ()
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered at a time, in UTC, ISO text.

    `rows` is how many entries the answer has; `models` are those that are models, by
    the source's own ids, each with what is said of it; `skipped` is why the others are
    none, counted. `digest` is of the bytes, "" where nobody remembers them.
    """

    source: str
    at: str
    models: Mapping[tuple[str, str], Mapping[str, Any]]
    rows: int
    provider: str = ""
    complete: bool = True
    scoped: bool = False
    is_list: bool = False
    digest: str = ""
    etag: str = ""
    last_modified: str = ""
    skipped: Mapping[str, int] = field(default_factory=dict)
    pointers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Other ids of listed models, which have no entry of their own, and those ids."""
    same: bool = False
    """Whether it is the last answer once more; then its models are not given again."""
