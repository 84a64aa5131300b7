"""What schemathesis makes of the description, sent to a real service: no failure.

The whole of it is `make bars`: 20,000 requests (`bench/server_bars.py`).
"""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING, Any

from fuzz_hooks import NOBODY, OWN, safe_sync
from fuzzing import fuzz, target
from modeldex.server.routes import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 1_000  # requests


# what it asks is the same each time: a change that fails has itself to blame
_SEED = 277638


def test_no_request_fails_a_check(tmp_path: Path) -> None:
    """As an administrator, then as nobody; MODELDEX_FUZZ_SEED repeats a run.

    A run asks a third of the routes; MODELDEX_FUZZ_SEED asks another third otherwise,
    and `make bars` all of them, by chance.
    """
    seed = int(os.environ.get("MODELDEX_FUZZ_SEED", _SEED))
    names = sorted(route.name for route in ROUTES)
    third = random.Random(seed).sample(names, len(names) // 3)
    how: Any = {"seed": seed, "examples": 2, "only": third}
    with target(tmp_path) as at:
        known = fuzz(at, tmp_path, **how, phases="coverage,stateful")
        nobody = fuzz(at, tmp_path, **how, phases="fuzzing", token=False)
        went_out = at.went_out.exists()
    sys.stdout.write(f"MODELDEX_FUZZ_SEED={seed}: {known.requests} requests\n")
    assert known.passed, known.said
    assert nobody.passed, nobody.said
    assert known.requests + nobody.requests >= LEAST, known.said
    assert not went_out


def test_no_body_begins_a_sync_elsewhere() -> None:
    """Whatever is sent, only the source on this host may be asked."""
    assert safe_sync({}) == {"sources": [OWN]}
    assert safe_sync({"sources": []}) == {"sources": [OWN]}
    assert safe_sync({"sources": ["litellm", OWN]}) == {"sources": [NOBODY, OWN]}
    assert safe_sync(b'{"dry_run": true}') == {"dry_run": True, "sources": [OWN]}
    for refused in ({"sources": 1}, b"{", [], {"other": 1}):
        assert safe_sync(refused) == refused
