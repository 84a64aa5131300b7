"""Changes, claims and revisions as rows, and back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import META, Change, canonical_row, dump, read_fact
from modeldex.ports import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.ports import Claim, Draft

    Texts = list[str | None]

# the columns that a hash is over, in its order
CHANGE = (
    "layer",
    "provider",
    "model",
    "field",
    "old",
    "new",
    "kind",
    "observed_at",
    "effective_at",
)
CLAIM = ("provider", "model", "field", "source", "value", "observed_at")
REVISION = ("parent_hash", "hash", *META)
_NONE, _BETWEEN = "\1", "\0"
_ANY = "surrogateescape"  # bytes that are no text, read so by `verify`


def digest(number: int, position: int, texts: Iterable[str | None]) -> str:
    """Return a row's digest, by which `verify` names the row that was tampered with."""
    joined = _BETWEEN.join(_NONE if text is None else text for text in texts)
    start = f"{number}{_BETWEEN}{position}{_BETWEEN}"
    return sha256((start + joined).encode(errors=_ANY)).hexdigest()[:16]


def revision_digest(row: Mapping[str, Any]) -> str:
    """Return the digest of a revision's row."""
    return digest(row["number"], row["count"], [row[name] for name in REVISION])


def change_rows(number: int, texts: Sequence[Texts]) -> list[dict[str, Any]]:
    """Return the rows of a revision's changes."""
    return [
        {
            "revision": number,
            "position": position,
            **dict(zip(CHANGE, row, strict=True)),
            "digest": digest(number, position, row),
        }
        for position, row in enumerate(texts)
    ]


def claim_texts(claim: Claim) -> Texts:
    """Return a claim as the texts of its row."""
    return [
        claim.provider,
        claim.model,
        claim.field,
        claim.source,
        dump(claim.value),
        claim.observed_at,
    ]


def claim_rows(number: int, claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Return the rows of a revision's claims."""
    rows = []
    for position, claim in enumerate(claims):
        texts = claim_texts(claim)
        row = dict(zip(CLAIM, texts, strict=True))
        row |= {"digest": digest(number, position, texts)}
        rows.append({"revision": number, "position": position, **row})
    return rows


def meta_of(row: Mapping[str, Any], claims: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Return what a revision's hash covers beside its changes, as `Draft.meta`.

    A claim is its texts, in the order of CLAIM.
    """
    value = CLAIM.index("value")
    said = [
        [*texts[:value], json.loads(texts[value]), *texts[value + 1 :]]
        for texts in claims
    ]
    return {**{name: row[name] for name in META}, "claims": said}


def read_change(row: Any) -> Change:
    """Read a change; raise ValueError where its facts are not as we write them."""
    old, new = (read_fact(row.field, text) for text in (row.old, row.new))
    return Change(
        row.provider,
        row.model,
        row.field,
        old,
        new,
        kind=row.kind,
        layer=row.layer,
        observed_at=row.observed_at,
        effective_at=row.effective_at,
    )


def revision_of(row: Any) -> Revision:
    """Return a revision of its row."""
    return Revision(**{name: row[name] for name in Revision.__slots__})


def texts_of(draft: Draft) -> list[Texts]:
    """Return the changes of a draft as texts; raise ValueError for a NUL in them."""
    rows = [canonical_row(change) for change in draft.changes]
    for row in rows:
        for text in row:
            if text is not None and ("\0" in text or "\\u0000" in text):
                raise ValueError(f"{row[1]}/{row[2]}: a fact holds a NUL character")
    return rows
