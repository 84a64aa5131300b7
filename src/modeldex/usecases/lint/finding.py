"""What is wrong at a place: an id in a file, a code, what to move to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from modeldex.usecases.lifecycle import Replacement

RETIRED, RETIRING, DEPRECATED, UNKNOWN = "retired", "retiring", "deprecated", "unknown"
# worst first
CODES = (RETIRED, RETIRING, DEPRECATED, UNKNOWN)
ABOUT = {
    RETIRED: "the model has been shut down",
    RETIRING: "the model will be shut down soon",
    DEPRECATED: "the provider has announced the end of the model",
    UNKNOWN: "the catalogue has no such model",
}
_LEVELS = {RETIRED: "error", RETIRING: "warning", DEPRECATED: "note"}


class Finding(NamedTuple):
    """An id in a file that something is wrong with; lines and columns count from 1.

    `is_key` tells of the value of a key or argument that names a model.
    """

    path: str
    line: int
    column: int
    code: str
    text: str
    is_key: bool = False
    ref: str | None = None
    day: str | None = None
    replacements: tuple[Replacement, ...] = ()

    @property
    def level(self) -> str:
        """How bad it is: error, warning or note."""
        if self.code == UNKNOWN:
            return "warning" if self.is_key else "note"
        return _LEVELS[self.code]

    @property
    def message(self) -> str:
        """What is wrong, and what to do."""
        if self.code == UNKNOWN:
            return f"{self.text}: {ABOUT[UNKNOWN]}"
        verb = "was shut down" if self.code == RETIRED else "will be shut down"
        when = f"{verb} on {self.day}" if self.day else f"is {self.code}"
        said = f"{self.ref} {when}"
        if self.replacements:
            names = " or ".join(map(_told, self.replacements))
            said += f"; {self.replacements[0].kind} replacement: {names}"
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("path", "line", "column", "code", "level", "text", "is_key")
        form = {name: getattr(self, name) for name in (*names, "ref", "day", "message")}
        return form | {"replacements": [one.as_dict() for one in self.replacements]}


def _told(replacement: Replacement) -> str:
    """Return a replacement's ref, with what speaks against it."""
    if replacement.is_retired:
        return f"{replacement.ref} (retired itself)"
    if replacement.status == "deprecated" and replacement.day:
        return f"{replacement.ref} (until {replacement.day})"
    return replacement.ref
