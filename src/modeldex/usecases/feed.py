"""Changes as a feed: Atom, or JSON Feed 1.1; one entry per model and time."""

from __future__ import annotations

from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.change import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from modeldex.domain.change import Change

FEEDS = ("atom", "json")
_TITLE = "modeldex: changes of LLM models"
_DAY_LENGTH = 10


class Entry(NamedTuple):
    """What became known of a model at a time."""

    id: str
    ref: str
    title: str
    lines: list[str]
    observed_at: str


def said(change: Change) -> str:
    """Write a change in a line: `pricing.input 10 → 2 since 2025-06-10 (litellm)`."""
    if not change.field:
        return change.kind
    old, new = (_text(side and side.value) for side in (change.old, change.new))
    text = f"{change.field} {old} → {new}"
    if change.kind not in ("change", "first_known"):
        text += f", {change.kind}"
    if change.effective_at:
        text += f", since {change.effective_at}"
    fact = change.new or change.old
    by = fact.source if fact is not None else None
    return f"{text} ({by})" if isinstance(by, str) else text


def _text(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(plain(value))


def entries(changes: Iterable[Change]) -> Iterator[Entry]:
    """Yield an entry per model and time, the newest first."""

    def of(change: Change) -> tuple[str, str]:
        return change.observed_at, change.ref

    ordered = sorted(changes, key=lambda c: (*of(c), c.field))
    grouped = [(key, list(found)) for key, found in groupby(ordered, of)]
    for (observed, ref), found in reversed(grouped):
        lines = [said(change) for change in found]
        # of what does not change, however a later version words it
        name = sha256(f"{observed}\n{ref}".encode()).hexdigest()[:32]
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        title = f"{ref}: {lines[0]}{more}"
        yield Entry(f"urn:modeldex:change:{name}", ref, title, lines, _time(observed))


def newest(changes: Iterable[Change], count: int) -> list[Change]:
    """Return the changes of the newest entries, so many of them."""
    found: list[Change] = []
    seen: set[tuple[str, str]] = set()
    for change in sorted(changes, key=lambda c: (c.observed_at, c.ref), reverse=True):
        seen.add((change.observed_at, change.ref))
        if len(seen) > count:
            break
        found.append(change)
    return found


def _time(observed: str) -> str:
    return f"{observed}T00:00:00Z" if len(observed) == _DAY_LENGTH else observed


def json_feed(changes: Iterable[Change]) -> dict[str, Any]:
    """Return a JSON Feed of changes."""
    items = [
        {
            "id": entry.id,
            "title": entry.title,
            "content_text": "\n".join(entry.lines),
            "date_published": entry.observed_at,
            "tags": [entry.ref],
        }
        for entry in entries(changes)
    ]
    version = "https://jsonfeed.org/version/1.1"
    return {"version": version, "title": _TITLE, "items": items}


def atom_feed(changes: Iterable[Change], today: str) -> str:
    """Return an Atom feed of changes; one without entries is of today."""
    from xml.sax.saxutils import escape

    found = list(entries(changes))
    updated = found[0].observed_at if found else _time(today)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <title>{_TITLE}</title>",
        "  <id>urn:modeldex:changes</id>",
        f"  <updated>{updated}</updated>",
        "  <author><name>modeldex</name></author>",
    ]
    for entry in found:
        lines += [
            "  <entry>",
            f"    <id>{entry.id}</id>",
            f"    <title>{escape(entry.title)}</title>",
            f"    <updated>{entry.observed_at}</updated>",
            f'    <category term="{escape(entry.ref)}"/>',
            f"    <content>{escape(chr(10).join(entry.lines))}</content>",
            "  </entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])
