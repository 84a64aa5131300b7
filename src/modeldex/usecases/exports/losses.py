"""What a format cannot carry: field by field, how many models, and which for example.

A writer says which facts a reader of its format will find (`said`); what a model's
facts and these differ in is the loss. So nothing can be lost without being told.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import split_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Facts = Mapping[str, Any]

EXAMPLES = 3
MODEL = "model"
COUNTED = "models"  # of a provider, which an export has by itself
OTHERWISE = "the format says it otherwise"
NO_PLACE = "the format has no place for it"
_RATES = "rates."


class Loss(Value):
    """A field that a format does not carry, for so many models, and why."""

    __slots__ = ("examples", "field", "models", "reason")
    field: str
    models: int
    examples: tuple[str, ...]
    reason: str

    def __init__(
        self, field: str, models: int, examples: tuple[str, ...], reason: str
    ) -> None:
        set_slot(self, "field", field)
        set_slot(self, "models", models)
        set_slot(self, "examples", examples)
        set_slot(self, "reason", reason)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "field": self.field,
            "models": self.models,
            "reason": self.reason,
            "examples": list(self.examples),
        }


@lru_cache(maxsize=8192)
def group_of(field: str) -> str:
    """Return a field's name in the report: rates by the names of their conditions."""
    if not field.startswith(_RATES):
        return field
    _, conditions = split_key(field.removeprefix(_RATES))
    return f"rates@{'+'.join(conditions)}"


class Losses:
    """What an export does not carry, and what its format makes readers believe.

    `lost` are facts that are known and are not in the export, or not as they are;
    `filled` what a reader takes for known though it is not: a value that the format
    demands, or says by leaving it out. `keep` remembers them for each model.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.models = 0
        self._lost: dict[tuple[str, str], list[Any]] = {}
        self._filled: dict[tuple[str, str], list[Any]] = {}
        self.left_out: set[str] = set()
        self._providers: dict[tuple[str, str], list[Any]] = {}
        self.kept: dict[str, dict[str, Any]] | None = {} if keep else None

    @property
    def lost(self) -> list[Loss]:
        """What is lost, the most frequent first."""
        return _sorted(self._lost)

    @property
    def filled(self) -> list[Loss]:
        """What is taken for known though it is not, the most frequent first."""
        return _sorted(self._filled)

    @property
    def of_providers(self) -> list[Loss]:
        """What of the providers is lost; `models` counts providers here."""
        return _sorted(self._providers)

    @property
    def is_empty(self) -> bool:
        """Tell whether every fact of every model is carried as it is."""
        return not self._lost and not self._filled

    def compare(
        self, ref: str, facts: Facts, said: Facts, reasons: Facts | None = None
    ) -> None:
        """Note what the facts of a model have that is not said so, and the reverse.

        `reasons` says of a field why.
        """
        self.models += 1
        if self.kept is not None:
            self.kept[ref] = dict(said)
        for field, value in facts.items():
            if field not in said or said[field] != value:
                why = NO_PLACE if field not in said else OTHERWISE
                reason = reasons.get(field, why) if reasons else why
                _note(self._lost, group_of(field), reason, ref)
        for field, value in said.items():
            if field not in facts or facts[field] != value:
                _note(self._filled, group_of(field), f"read as {_word(value)}", ref)

    def leave_out(self, ref: str, reason: str) -> None:
        """Note that a whole model is not in the export, and why."""
        self.models += 1
        self.left_out.add(ref)
        _note(self._lost, MODEL, reason, ref)

    def carry_of_providers(
        self, providers: Mapping[str, Facts], carried: Collection[str] = ()
    ) -> None:
        """Note the facts of providers that are not among the carried ones."""
        for name, facts in providers.items():
            for fact, value in facts.items():
                known = value not in (None, "", [], {}) and fact != COUNTED
                if known and fact not in carried:
                    _note(self._providers, f"provider.{fact}", NO_PLACE, name)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "models": self.models,
            "left_out": len(self.left_out),
            "lost": [loss.as_dict() for loss in self.lost],
            "filled": [loss.as_dict() for loss in self.filled],
            "of_providers": [
                {
                    "field": loss.field,
                    "providers": loss.models,
                    "reason": loss.reason,
                    "examples": list(loss.examples),
                }
                for loss in self.of_providers
            ],
        }


def _word(value: object) -> str:
    """Return a yes, no or short word as it is; other values differ model by model."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) and value.isidentifier() else "another value"


def _note(
    table: dict[tuple[str, str], list[Any]], field: str, reason: str, ref: str
) -> None:
    entry = table.get((field, reason))
    if entry is None:
        table[field, reason] = [1, [ref], ref]
        return
    if entry[2] != ref:  # several fields of a model may have one name
        entry[0] += 1
        entry[2] = ref
        if len(entry[1]) < EXAMPLES:
            entry[1].append(ref)


def _sorted(table: Mapping[tuple[str, str], list[Any]]) -> list[Loss]:
    found = [
        Loss(field, count, tuple(examples), reason)
        for (field, reason), (count, examples, _) in table.items()
    ]
    return sorted(found, key=lambda loss: (-loss.models, loss.field, loss.reason))
