"""Read a source's payloads as its models, one after another in the order of time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.importing import SOURCES
from modeldex.domain.provider import provider_id
from modeldex.sources.claim import full_date
from modeldex.usecases.backfill.series import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modeldex.sources.claim import Claims, Json
    from modeldex.usecases.backfill.series import Key

    Models = Mapping[Key, Mapping[str, Any]]

# what the merge must not take for a model
_NO_MODEL = "stand-in"


def translator(source: str) -> Callable[[Json, str], Models]:
    """Return what reads a source's payloads, given in the order of time."""
    module = import_module(SOURCES[source])
    if source == "models.dev":
        return ByRow(module.translate)

    cost_map = CostMap()

    def translate(payload: Json, day: str) -> Models:
        if source == "litellm":
            payload = cost_map(payload)
        return _real(module.translate(payload, day).models)

    return translate


class CostMap:
    """litellm's rows as they are to be read, given the maps before.

    A row without a provider has the one that it had before: some copies of early 2024
    have none at all, and a row that has never had one is only a pointer to another, or
    nobody's. Of two rows of one model, `deepseek/deepseek-chat` and `deepseek-chat`,
    the one is read whose prices were written last, else the first.
    """

    def __init__(self) -> None:
        self._providers: dict[str, Any] = {}
        self._prices: dict[str, Mapping[str, Any]] = {}
        self._written: dict[str, int] = {}
        self._count = 0

    def __call__(self, payload: Json) -> Json:
        """Return the rows of the next map."""
        name, known = "litellm_provider", self._providers
        given = {key: row for key, row in payload.items() if isinstance(row, dict)}
        known.update((key, row[name]) for key, row in given.items() if name in row)
        rows = {k: {name: known[k], **row} for k, row in given.items() if k in known}
        self._count += 1
        for key, row in rows.items():
            prices = {word: row[word] for word in row if "cost" in word}
            if self._prices.get(key) != prices:
                self._prices[key], self._written[key] = prices, self._count
        for key, row in rows.items():
            own = f"{row[name]}/{key}"
            is_bare = own in rows and not key.startswith(f"{row[name]}/")
            if is_bare and self._written[key] > self._written[own]:
                rows[own] = row
        return rows


def _real(models: Models) -> Models:
    return {
        key: facts
        for key, facts in models.items()
        if facts.get("presence") != _NO_MODEL
    }


class ByRow:
    """Translates models.dev's tables, but only the rows that differ from the last."""

    def __init__(self, translate: Callable[[Json, str], Claims]) -> None:
        self._translate = translate
        self._rows: dict[Key, list[Any]] = {}
        self._models: Models = {}

    def __call__(self, payload: Json, day: str) -> Models:
        """Return the models of the next table."""
        rows: dict[Key, list[Any]] = {}
        for name, row in payload.items():
            for model, facts in row["models"].items():
                key = provider_id(name), model
                rows.setdefault(key, []).append((name, row.get("npm"), facts))
        changed = {key for key, row in rows.items() if self._rows.get(key) != row}
        part: dict[str, Any] = {}
        for key in changed:
            for name, _, facts in rows[key]:
                whole = part.setdefault(name, {**payload[name], "models": {}})
                whole["models"][key[1]] = facts
        fresh = self._translate(part, day).models if part else {}
        old = {key: facts for key, facts in self._models.items() if key in rows}
        self._models = {**old, **{k: v for k, v in fresh.items() if k in rows}}
        self._rows = rows
        return self._models


def dated_steps(payload: Json) -> list[Step]:
    """Return the prices of genai-prices that begin on a day that it states."""
    part: list[Any] = []
    days: set[str] = set()
    for row in payload:
        models = []
        for model in row["models"]:
            found = set(_start_days(model.get("prices")))
            days |= found
            if found:
                models.append(model)
        if models:
            part.append({**row, "models": models})
    if not part:
        return []
    translate = translator("genai-prices")
    steps = []
    before = translate(part, "2015-01-01")
    for day in sorted(days):
        after = translate(part, day)
        for key, facts in after.items():
            for field in sorted(n for n in facts if n.startswith("pricing.")):
                old = before.get(key, {}).get(field)
                if old is not None and old != facts[field]:
                    steps.append(Step(key, field, day, old, facts[field]))
        before = after
    return steps


def _start_days(prices: Json) -> Iterator[str]:
    for item in prices if isinstance(prices, list) else ():
        constraint = item.get("constraint") if isinstance(item, dict) else None
        day = full_date((constraint or {}).get("start_date"))
        if day:
            yield day
