"""Hold our costs against litellm's and genai-prices' own calculators.

Both get the same facts: ours are made of the one source that the peer calculates
with, the same file. For every model that both know, several calls are priced on both
sides. Every difference has a class, and a class is a statement that is checked on the
very call; what no class explains is printed, and fails.

    make calculators SOURCES=DIR

DIR holds the source files (`litellm-*.json.gz`, `genai-prices-*.json.gz`) that the
catalogue is made of. The peers live in the environment that bench/peers.py makes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import peers
from calculator_classes import class_of, same
from modeldex.catalog.encode import encode
from modeldex.catalog.merging.merge import merge
from modeldex.domain.model import Model
from modeldex.domain.usage import Usage
from modeldex.sources import genai_prices, litellm
from modeldex.sources.litellm_rows import REGIONAL, regional_row
from modeldex.sources.packages import date_in_name, read_payload
from modeldex.usecases.cost import cost_of, priced_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.domain.cost import Cost
    from modeldex.domain.pricing import Rate

WORKER = Path(__file__).with_name("peer_calculators.py")
# what calls used, by name; the prompt of `long` exceeds every context tier
USAGES = {
    "plain": {"input": 1200, "output": 300},
    "cached": {"input": 400, "cache_read": 800, "output": 300},
    "long": {"input": 1_200_001, "output": 1000},
    "long cached": {"input": 200_001, "cache_read": 1_000_000, "output": 1000},
    "written": {"input": 400, "cache_write": 800, "output": 300},
    "audio": {"input": 400, "input_audio": 800, "output": 300},
}
TIERS = ("flex", "priority")
TIMES = (
    "2026-11-12T02:00:00+00:00",
    "2026-11-14T12:00:00+00:00",  # a Saturday
    "2027-01-02T18:00:00+00:00",
    "2026-02-01T12:00:00+00:00",
)


class Pair(NamedTuple):
    """A call, and what both sides say of it."""

    call: dict[str, Any]
    ours: Cost
    theirs: Decimal | None
    error: str
    rates: tuple[Rate, ...]

    @property
    def agrees(self) -> bool:
        """Whether both state the same total."""
        if self.ours.total is None or self.theirs is None:
            return False
        return same(self.ours.total, self.theirs)


def models_of(source: Any, path: Path, day: str) -> dict[tuple[str, str], Model]:
    """Return the models that one source alone makes, by our provider and id."""
    claims = source.translate(read_payload(source.SOURCE, path), day)
    return {
        key: Model(encode(*key, facts), lambda: day)
        for key, facts in merge([claims]).models.items()
    }


def litellm_calls(path: Path) -> Iterator[dict[str, Any]]:
    """Yield calls to every row of the cost map that prices tokens."""
    rows = read_payload("litellm", path)
    for key, row in rows.items():
        if row.get("mode") not in ("chat", "completion", "responses"):
            continue
        if "input_cost_per_token" not in row:
            continue
        regional = regional_row(key) if REGIONAL.fullmatch(key) else None
        name, conditions = regional or (key, {})
        place = litellm.served_at(name, row["litellm_provider"])[0]
        call = {"key": key, "provider": row["litellm_provider"], "place": place}
        call["own"] = _token_prices(row)
        call["shorter"] = _token_prices(rows.get(key.partition("/")[2], {}))
        for used in USAGES.values():
            yield {**call, **conditions, "usage": used, "at": TIMES[0]}
        for tier in TIERS:
            tiered = {**call, **conditions, "usage": USAGES["cached"], "at": TIMES[0]}
            yield {**tiered, "service_tier": tier}


def _token_prices(row: dict[str, Any]) -> list[str]:
    """Return every amount of a row that is a price of tokens."""
    return [
        format(value, "f")
        for key, value in row.items()
        if "token" in key and "cost" in key and isinstance(value, (int, Decimal))
    ]


def genai_calls(path: Path) -> Iterator[dict[str, Any]]:
    """Yield calls to every model, some of them at several times."""
    for provider in read_payload("genai-prices", path):
        for row in provider["models"]:
            places = genai_prices.served_at(provider["id"], row["id"])
            if isinstance(places, str):
                continue
            call = {"key": row["id"], "provider": provider["id"], "place": places[0]}
            times = TIMES if isinstance(row.get("prices"), list) else TIMES[:1]
            for at in times:
                for used in USAGES.values():
                    yield {**call, "usage": used, "at": at}


def answered(
    name: str, calls: list[dict[str, Any]], *files: str
) -> list[dict[str, Any]]:
    """Return the peer's answer to every call."""
    command = [str(peers.PYTHON), str(WORKER), name, *files]
    lines = "\n".join(json.dumps(call) for call in calls)
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def pairs(
    models: dict[tuple[str, str], Model],
    calls: list[dict[str, Any]],
    answers: list[dict[str, Any]],
) -> Iterator[Pair]:
    """Yield what both sides say of every call to a model that both know."""
    lists: dict[tuple[str, str], Any] = {}
    for call, answer in zip(calls, answers, strict=True):
        place = tuple(call["place"])
        if place not in models:
            continue
        if place not in lists:
            lists[place] = priced_model(models[place], "")
        conditions = {n: call[n] for n in ("service_tier", "region") if n in call}
        usage = Usage.of(call["usage"])
        ours = cost_of(lists[place], usage, call["at"], conditions=conditions)
        total = answer.get("total")
        theirs = None if total is None else Decimal(total)
        rates = models[place].pricing.rates
        yield Pair(call, ours, theirs, answer.get("error", ""), rates)


def main() -> int:
    """Compare, print the report, and fail when a difference is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=8)
    given = parser.parse_args()
    peers.install()
    reports = {}
    for source, ask in ((litellm, litellm_calls), (genai_prices, genai_calls)):
        name = source.SOURCE
        path = next(given.sources.glob(f"{name}-*.json.gz"))
        calls = list(ask(path))
        with tempfile.NamedTemporaryFile(suffix=".json") as plain:
            plain.write(gzip.decompress(path.read_bytes()))
            plain.flush()
            files = (plain.name,) if source is litellm else ()
            answers = answered(name, calls, *files)
        models = models_of(source, path, date_in_name(path) or "")
        reports[name] = report(list(pairs(models, calls, answers)), given.show)
    if given.json:
        print(json.dumps(reports, indent=2))
    return int(any(found["unexplained"] for found in reports.values()))


def report(found: list[Pair], show: int) -> dict[str, Any]:
    """Count the pairs by class and print those that have none."""
    counts: Counter[str] = Counter()
    models: dict[str, set[str]] = {}
    unexplained = []
    for pair in found:
        kind = "same" if pair.agrees else class_of(pair)
        counts[kind or "unexplained"] += 1
        models.setdefault(kind or "unexplained", set()).add(pair.call["key"])
        if not kind:
            unexplained.append(pair)
    for kind, count in counts.most_common():
        print(
            f"{count:7,} calls {len(models[kind]):6,} models  {kind}", file=sys.stderr
        )
    for pair in unexplained[:: max(1, len(unexplained) // show)][:show]:
        print(f"  {pair.call} theirs {pair.theirs} {pair.error}", file=sys.stderr)
        for line in pair.ours.lines:
            print(
                f"    {line.meter} {line.quantity} {line.amount} {line.why}",
                file=sys.stderr,
            )
    return {"pairs": len(found), "unexplained": len(unexplained), **counts}


if __name__ == "__main__":
    sys.exit(main())
