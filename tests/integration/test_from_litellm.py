"""What docs/from-litellm.md says of litellm is so: it is asked, without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import modeldex

PAGE = Path(__file__).parents[2] / "docs" / "from-litellm.md"
SRC = str(Path(modeldex.__file__).parents[1])
# what it prints at the end is ours; it warns on standard output too
PROGRAM = """
import json
import litellm

def failing(ask, *given):
    try:
        ask(*given)
    except Exception as error:
        return type(error).__name__
    return None

info = litellm.get_model_info("gpt-4o")
used = {"prompt_tokens": 1000, "completion_tokens": 500}
prompt, answer = litellm.cost_per_token("gpt-4o", **used)
cached = litellm.cost_per_token("gpt-4o", **used, cache_read_input_tokens=400)
unpriced = [
    key
    for key, row in litellm.model_cost.items()
    if row.get("mode") == "chat" and row.get("input_cost_per_token") is None
]
zero = litellm.get_model_info(unpriced[0])["input_cost_per_token"]
row = {"input_cost_per_token": 1e-6, "litellm_provider": "openai", "mode": "chat"}
litellm.register_model({"acme/m": row})
free = litellm.cost_per_token("acme/m", prompt_tokens=0, completion_tokens=500)
print("FOUND" + json.dumps({
    "version": litellm.__version__ if hasattr(litellm, "__version__") else "",
    "cost": [prompt, answer],
    "cached": sum(cached),
    "max": litellm.get_max_tokens("gpt-4o"),
    "unpriced": len(unpriced),
    "zero": zero,
    "free answer": free,
    "vision": [litellm.supports_vision(m) for m in ("gpt-4o", "no-such-model")],
    "unknown": [
        failing(litellm.get_model_info, "gpt-4oo"),
        failing(litellm.get_max_tokens, "gpt-4oo"),
    ],
    "floats": type(info["input_cost_per_token"]).__name__,
    "keys": sorted(info),
    "params": bool(info["supported_openai_params"]),
    "names": [
        name
        for name in ("get_valid_models", "models_by_provider", "token_counter",
                     "get_supported_openai_params", "BudgetManager", "model_cost",
                     "completion_cost", "register_model", "supports_function_calling")
        if hasattr(litellm, name)
    ],
}))
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what litellm answers."""
    if find_spec("litellm") is None:
        pytest.skip("litellm is not installed")
    environ = {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PATH": os.environ.get("PATH", ""),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        check=False,
        env=environ,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.rpartition("FOUND")[2])
    return found


def test_their_side_of_the_table(theirs: dict[str, Any]) -> None:
    """Each name is litellm's, and answers as the page says."""
    assert len(theirs["names"]) == 9
    assert theirs["floats"] == "float"
    assert theirs["max"] == 16_384
    assert theirs["params"]
    assert {"supports_vision", "max_input_tokens", "mode"} <= set(theirs["keys"])


def test_their_unknown_is_zero_and_false(theirs: dict[str, Any]) -> None:
    """A missing price is 0, an unknown model has no vision; others raise."""
    assert theirs["zero"] == 0
    assert theirs["free answer"] == [0, 0]
    assert theirs["vision"] == [True, False]
    assert all(theirs["unknown"])
    version, said = "1.110.2", f"{theirs['unpriced']} of its chat rows"
    page = PAGE.read_text("utf-8")
    assert f"is of {version}" in page
    if theirs["version"] in ("", version):
        assert said in page


def test_the_same_call_costs_the_same(theirs: dict[str, Any]) -> None:
    """On the call of the page the figures agree, theirs as floats."""
    registry = modeldex.open(overlays=[])
    plain = registry.cost("openai/gpt-4o", modeldex.Usage.of(input=1000, output=500))
    assert [Decimal(str(part)) for part in theirs["cost"]] == [
        plain.amount_of("input"),
        plain.amount_of("output"),
    ]
    used = {
        "prompt_tokens": 1000,
        "completion_tokens": 500,
        "prompt_tokens_details": {"cached_tokens": 400},
    }
    total = registry.cost("openai/gpt-4o", used).total
    assert total is not None
    assert abs(Decimal(theirs["cached"]) - total) < Decimal("1e-15")


def test_our_side_of_the_table() -> None:
    """Every function that the page offers is ours."""
    registry, page = modeldex.open(overlays=[]), PAGE.read_text("utf-8")
    for name in (
        *("get_info", "resolve", "find", "get_all_models", "find_refs", "cost"),
        *("cost_of_response", "supports", "get_max_output_tokens", "providers"),
        *("get_context_window", "edits", "is_configured"),
    ):
        assert hasattr(registry, name), name
        assert f"`{name}" in page or f" {name}(" in page or f"modeldex.{name}" in page
    configured = [p for p in registry.providers() if registry.is_configured(p, {})]
    assert registry.find_refs(provider=configured) or configured == []
