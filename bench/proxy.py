"""Measure `modeldex serve` beside LiteLLM's proxy: lists of models per second.

LiteLLM's proxy, without a database or a master key, has MODELS chat models of its own
catalogue in its configuration and is asked GET /model/info: what it lists of them, each
with its parameters, prices and limits. `modeldex serve` is asked GET
/api/v1/models?limit=N for as many whole records. The same client asks both in turns in
one run: one connection that is kept, one request after another, the whole answer read.
Neither is sent an ETag.

    PYTHONPATH=tests .venv/bin/python bench/proxy.py [--rounds 5]

The proxy lives in an environment of its own, build/proxy-venv, made by pip on the first
run. Prints a Markdown table; exit 1 when modeldex is not 30 times ahead.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import peers
from server_bars import running, service
from services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REQUIREMENTS = Path(__file__).with_name("requirements-proxy.txt")
VENV = peers.VENV.with_name("proxy-venv")
MODELS, BAR, SECONDS = 100, 30.0, 3.0
OURS, THEIRS = "/api/v1/models?limit=", "/model/info"
_UP = 120.0  # seconds within which the proxy must answer
_NAMES = """
import json, litellm
print(json.dumps([
    name for name, about in litellm.model_cost.items()
    if about.get("mode") == "chat" and about.get("input_cost_per_token")
]))
"""


class Asked(NamedTuple):
    """What came of asking for some seconds: answers per second, and of which size."""

    rate: float
    size: int
    models: int


@contextmanager
def proxy() -> Iterator[int]:
    """Run LiteLLM's proxy with its configuration; yield its port."""
    peers.install(REQUIREMENTS, VENV)
    environ = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }
    listed = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", _NAMES],
        env=os.environ | environ,
        check=True,
        capture_output=True,
    )
    rows = [
        {"model_name": name, "litellm_params": {"model": name, "api_key": "none"}}
        for name in json.loads(listed.stdout)[:MODELS]
    ]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps({"model_list": rows}))  # JSON is YAML
        command = [str(VENV / "bin" / "litellm"), "--config", str(config)]
        command += ["--host", "127.0.0.1", "--port", str(port)]
        with (
            (Path(folder) / "log").open("w") as log,
            running(command, port, wait=_UP, log=log, **environ),
        ):
            yield port


def ask(port: int, path: str, seconds: float) -> Asked:
    """Ask one request after another for some seconds."""
    to = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    count, begun, body = 0, time.perf_counter(), b""
    while time.perf_counter() - begun < seconds:
        to.request("GET", path)
        answer = to.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise peers.PeersError(f"{path}: {answer.status} {body[:200]!r}")
        count += 1
    rate = count / (time.perf_counter() - begun)
    to.close()
    found = json.loads(body)
    return Asked(rate, len(body), len(found.get("models") or found.get("data")))


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    try:
        with proxy() as theirs, service() as (ours, _):
            path = f"{OURS}{ask(theirs, THEIRS, 1.0).models}"  # as many as it lists
            ask(ours, path, 1.0)
            pairs = [
                (ask(ours, path, SECONDS), ask(theirs, THEIRS, SECONDS))
                for _ in range(rounds)
            ]
    except (peers.PeersError, OSError, subprocess.SubprocessError) as error:
        print(f"bench/proxy.py: {error}", file=sys.stderr)
        return 1
    ratio = median(one.rate / two.rate for one, two in pairs)
    print("| service | models an answer | KiB an answer | answers a second |")
    print("|---|--:|--:|--:|")
    names = (f"modeldex, GET {path}", f"LiteLLM proxy, GET {THEIRS}")
    for name, side in zip(names, zip(*pairs, strict=True), strict=True):
        rate = median(one.rate for one in side)
        size = side[0].size / 1024
        print(f"| {name} | {side[0].models} | {size:,.0f} | {rate:,.1f} |")
    print(f"\nmodeldex / LiteLLM proxy: {ratio:,.1f}x (bar {BAR:g}x)")
    return int(ratio < BAR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
