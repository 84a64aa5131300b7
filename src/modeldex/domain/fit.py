"""Whether a request fits into a model's limits: the rule, and its answer."""

from __future__ import annotations

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Limits = Mapping[str, Mapping[str, Any]]

WINDOW, PROMPT, ANSWER = "context_window", "max_input_tokens", "max_output_tokens"
INFERRED = "inferred"


class Check(Value):
    """One limit held against what a request needs of it, in tokens."""

    __slots__ = ("allowed", "basis", "limit", "needed")
    limit: str
    allowed: int
    needed: int
    basis: str | None

    def __init__(
        self, limit: str, allowed: int, needed: int, basis: str | None
    ) -> None:
        set_slot(self, "limit", limit)
        set_slot(self, "allowed", allowed)
        set_slot(self, "needed", needed)
        set_slot(self, "basis", basis)

    @property
    def headroom(self) -> int:
        """Tokens that are left; negative where there are too many."""
        return self.allowed - self.needed

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("limit", "allowed", "needed", "headroom", "basis")
        return {name: getattr(self, name) for name in names}


class Fit(Value):
    """Whether a request fits: yes, no or unknown (None); true only for yes.

    `headroom` is what the binding limit leaves, in tokens, negative where it is
    exceeded; both are None where no limit is known. `notes` say what was assumed.
    """

    __slots__ = ("checks", "estimated", "fits", "notes", "ref", "reserved", "tokens")
    ref: str
    fits: bool | None
    tokens: int
    estimated: bool
    reserved: int
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    def __init__(  # noqa: PLR0913
        self,
        ref: str,
        fits: bool | None,  # noqa: FBT001
        tokens: int,
        reserved: int,
        *,
        estimated: bool = False,
        checks: Iterable[Check] = (),
        notes: Iterable[str] = (),
    ) -> None:
        set_slot(self, "ref", ref)
        set_slot(self, "fits", fits)
        set_slot(self, "tokens", tokens)
        set_slot(self, "reserved", reserved)
        set_slot(self, "estimated", estimated)
        set_slot(self, "checks", tuple(checks))
        set_slot(self, "notes", tuple(notes))

    def __bool__(self) -> bool:
        return self.fits is True

    @property
    def binding(self) -> Check | None:
        """The limit that leaves least."""
        return min(self.checks, key=lambda check: check.headroom, default=None)

    @property
    def limit(self) -> str | None:
        """Name of the limit that leaves least."""
        return self.binding.limit if self.binding else None

    @property
    def headroom(self) -> int | None:
        """Tokens that the binding limit leaves."""
        return self.binding.headroom if self.binding else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        names = ("ref", "fits", "tokens", "estimated", "reserved", "headroom", "limit")
        form = {name: getattr(self, name) for name in names}
        checks = [check.as_dict() for check in self.checks]
        return {**form, "checks": checks, "notes": list(self.notes)}


def held(
    limits: Limits, tokens: int, reserved: int, *, answer_stated: bool
) -> tuple[list[Check], bool | None, list[str]]:
    """Return the checks of a request, whether it fits, and what is not known.

    A prompt and its answer share the window. A window that is inferred is the
    largest prompt that a source states, so that a longer prompt does not fit, but
    of prompt and answer together it says nothing. Without a stated answer no limit
    of answers is checked.
    """
    needs = {WINDOW: tokens + reserved, PROMPT: tokens}
    if answer_stated:
        needs[ANSWER] = reserved
    checks = [
        Check(name, limits[name]["tokens"], needed, limits[name].get("basis"))
        for name, needed in needs.items()
        if name in limits
    ]
    exceeded = [check for check in checks if check.headroom < 0]
    unsure = [
        check
        for check in exceeded
        if check.basis == INFERRED and tokens <= check.allowed
    ]
    notes = [f"{c.limit} is inferred from the largest prompt" for c in unsure]
    if len(exceeded) > len(unsure):
        return checks, False, notes
    asked = (WINDOW, ANSWER) if answer_stated else (WINDOW,)
    missing = [name for name in asked if name not in limits]
    notes += [f"{name} is not known" for name in missing]
    return checks, None if missing or unsure else True, notes
