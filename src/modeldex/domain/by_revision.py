"""Rows that belong to revisions, read along with the revisions, a group at a time."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class ByRevision(Generic[T]):
    """Rows in the order of their revisions; only those of the next one are held."""

    def __init__(self, rows: Iterable[T], number_of: Callable[[T], int]) -> None:
        self._groups = groupby(rows, number_of)
        self._next: tuple[int, list[T]] | None = None
        self._advance()

    def _advance(self) -> None:
        found = next(self._groups, None)
        self._next = None if found is None else (found[0], list(found[1]))

    def take(self, number: int) -> list[T]:
        """Return the rows of the next revision, if they are of this one."""
        if self._next is None or self._next[0] != number:
            return []
        rows = self._next[1]
        self._advance()
        return rows
