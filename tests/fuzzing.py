"""Schemathesis, all checks, over a real `modeldex serve` that cannot go out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from fuzz_hooks import OWN
from modeldex.bootstrap import open as open_registry
from services import serving
from upstream import Upstream, answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
_COUNTED = re.compile(r"^modeldex_answers_total\{.*\} ([0-9.e+]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """A service over a store of its own, and an administrator's token."""

    url: str
    token: str
    went_out: Path

    def requests(self) -> int:
        """Return how many requests it answered, by its own count."""
        with urlopen(f"{self.url}/metrics", timeout=10) as found:
            text = found.read().decode()
        return sum(int(float(number)) for number in _COUNTED.findall(text))


@dataclass(frozen=True)
class Fuzzed:
    """What a run came to; `said` is its whole report."""

    requests: int
    passed: bool
    said: str


@contextmanager
def target(folder: Path) -> Iterator[Target]:
    """Serve a store in a folder; its only source that can be asked is on this host."""
    with Upstream() as upstream:
        rows = [{"id": "ours-1", "object": "model", "max_model_len": 4_321}]
        upstream.on("/v1/models", answer({"object": "list", "data": rows}))
        config, went_out = folder / "config.toml", folder / "went-out"
        own = f'{OWN} = {{url = "{upstream.url}/v1", local = true}}'
        config.write_text(f"[sources]\n{own}\n")
        environ = {  # what a run of the tests sets for itself is not for the service
            "MODELDEX_CONFIG": str(config),
            "MODELDEX_TEST_WENT_OUT": str(went_out),
            "PYTHONPATH": str(HERE / "loopback"),
        }
        data = folder / "data"
        before = os.environ.get("MODELDEX_DATA_DIR")
        os.environ["MODELDEX_DATA_DIR"] = str(data)
        try:
            registry = open_registry()
            token = registry.tokens.create("fuzz", "admin").secret
            registry.edits.set("openai/gpt-4o", {"context_window": 7}, because="a test")
        finally:
            os.environ.pop("MODELDEX_DATA_DIR")
            if before is not None:
                os.environ["MODELDEX_DATA_DIR"] = before
        with serving(data, environ=environ) as url:
            yield Target(url, token, went_out)


def fuzz(
    at: Target,
    folder: Path,
    *,
    seed: int,
    examples: int,
    token: bool = True,
    phases: str = "examples,coverage,fuzzing,stateful",
    only: Iterable[str] = (),
) -> Fuzzed:
    """Send what schemathesis makes of the description; count what was answered."""
    before = at.requests()
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"{at.url}/api/openapi.json",
        *("--checks", "all", "--mode", "all", "--phases", phases),
        *("--seed", str(seed), "--max-examples", str(examples)),
        *("--continue-on-failure", "--no-color", "--generation-database", "none"),
        *("--request-timeout", "60", "--max-response-time", "60"),
        *("--warnings", "off", "--no-shrink"),
    ]
    for name in only:
        command += ["--include-operation-id", name]
    if token:
        command += ["--header", f"Authorization: Bearer {at.token}"]
    environ = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "fuzz_hooks",
        "PYTHONPATH": str(HERE),
    }
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    said = f"seed {seed}\n{done.stdout}\n{done.stderr}"
    return Fuzzed(at.requests() - before, done.returncode == 0, said)
