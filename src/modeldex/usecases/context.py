"""Prompts held against a model's limits, and cut to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modeldex.domain.fit import Fit, held
from modeldex.domain.tokens import estimate_tokens
from modeldex.errors import DoesNotFitError, InvalidInputError

if TYPE_CHECKING:
    from modeldex.domain.model import Model

Message = Mapping[str, Any]
# tokens, or what they are estimated from
Prompt = int | str | Message | Sequence[Message]
STRATEGIES = ("sliding_window", "smart")
RESPONSE_TOKENS = 1_000
SYSTEM_TOKENS = 1_000
SYSTEM_ROLES = ("system", "developer")


def _read_count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = f"{name}: {value!r} is no whole number of at least 0"
        raise InvalidInputError(message)
    return value


def fit(model: Model, prompt: Prompt, max_output: int | None = None) -> Fit:
    """Return whether a request fits into a model's limits."""
    estimated = isinstance(prompt, str | Mapping | Sequence)
    if isinstance(prompt, int) or not estimated:
        tokens = _read_count("tokens", prompt)
    else:
        tokens = estimate_tokens(prompt)
    reserved = 0 if max_output is None else _read_count("max_output", max_output)
    checks, fits, notes = held(
        model.limits or {}, tokens, reserved, answer_stated=max_output is not None
    )
    if max_output is None:
        notes.append("no length of the answer is given: none is reserved")
    if estimated:
        notes.append("the tokens of the prompt are estimated")
    return Fit(
        model.ref,
        fits,
        tokens,
        reserved,
        estimated=estimated,
        checks=checks,
        notes=notes,
    )


def validate(model: Model, prompt: Prompt, max_output: int | None = None) -> int:
    """Return the tokens of a prompt, or raise DoesNotFitError."""
    found = fit(model, prompt, max_output)
    if found.fits is False:
        raise DoesNotFitError(_excess(found))
    return found.tokens


def _excess(found: Fit) -> str:
    over = (check for check in found.checks if check.headroom < 0)
    told = (f"{c.limit} {c.allowed:,} is exceeded by {-c.headroom:,}" for c in over)
    return f"{found.ref}: {', '.join(told)}; shorten the prompt or the answer"


def truncate(
    model: Model,
    messages: Sequence[Message],
    max_output: int | None = None,
    strategy: str = STRATEGIES[0],
) -> list[Message]:
    """Return the messages that fit, the oldest left out first."""
    if strategy not in STRATEGIES:
        message = f"{strategy!r} is no strategy; known are {', '.join(STRATEGIES)}"
        raise InvalidInputError(message)
    kept = list(messages)
    sizes = [estimate_tokens([message]) for message in kept]
    while (found := fit(model, sum(sizes), max_output)).fits is False:
        place = _oldest(kept, keep_system=strategy == "smart")
        if place is None:
            raise DoesNotFitError(_excess(found))
        del kept[place], sizes[place]
        while place < len(kept) - 1 and kept[place].get("role") == "tool":
            del kept[place], sizes[place]  # its call is gone
    return kept


def _oldest(messages: Sequence[Message], *, keep_system: bool) -> int | None:
    """Return the place of the message to leave out next; the latest stays."""
    for place, message in enumerate(messages[:-1]):
        if not (keep_system and message.get("role") in SYSTEM_ROLES):
            return place
    return None


def allocation(model: Model, max_output: int | None = None) -> dict[str, int]:
    """Return how a context window may be shared, in tokens."""
    total = model.context_window
    if total is None:
        message = f"the context window of {model.ref} is not known"
        raise InvalidInputError(message)
    response = RESPONSE_TOKENS
    if max_output is not None:
        response = _read_count("max_output", max_output)
    system = min(SYSTEM_TOKENS, total // 10)
    conversation = total - system - response
    if conversation <= 0:
        message = (
            f"{model.ref}: {response:,} tokens of answer leave nothing of {total:,}"
        )
        raise DoesNotFitError(message)
    return {
        "total": total,
        "system": system,
        "conversation": conversation,
        "response": response,
    }
