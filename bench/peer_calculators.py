"""Price calls with a peer's own calculator: run by the peers' environment.

    build/peers-venv/bin/python bench/peer_calculators.py litellm COSTMAP.json < CALLS
    build/peers-venv/bin/python bench/peer_calculators.py genai-prices < CALLS

A call is a JSON line; so is each answer: the total in USD as text, or an error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[[dict[str, Any]], str]


def litellm(cost_map: str) -> Ask:
    """Return litellm's calculator over a cost map of ours to choose."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm as peer
    from litellm.types.utils import PromptTokensDetailsWrapper

    peer.suppress_debug_info = True
    with open(cost_map, "rb") as file:
        peer.model_cost = json.load(file)

    def ask(call: dict[str, Any]) -> str:
        used = call["usage"]
        parts = {"cache_read": "cached_tokens", "input_audio": "audio_tokens"}
        details = {part: used[meter] for meter, part in parts.items() if meter in used}
        prompt = sum(count for meter, count in used.items() if meter != "output")
        usage = peer.Usage(
            prompt_tokens=prompt,
            completion_tokens=used.get("output", 0),
            total_tokens=prompt + used.get("output", 0),
            prompt_tokens_details=PromptTokensDetailsWrapper(**details),
            cache_creation_input_tokens=used.get("cache_write") or None,
            cache_read_input_tokens=used.get("cache_read") or None,
        )
        found = peer.cost_per_token(
            model=call["key"],
            custom_llm_provider=call["provider"],
            prompt_tokens=prompt,
            completion_tokens=used.get("output", 0),
            usage_object=usage,
            service_tier=call.get("service_tier"),
        )
        return repr(sum(found))

    return ask


def genai_prices() -> Ask:
    """Return genai-prices' calculator over its own data."""
    from datetime import datetime

    from genai_prices import Usage
    from genai_prices.data_snapshot import get_snapshot

    models = {
        (provider.id, model.id): (provider, model)
        for provider in get_snapshot().providers
        for model in provider.models
    }

    def ask(call: dict[str, Any]) -> str:
        _, model = models[call["provider"], call["key"]]
        used = call["usage"]
        prompt = sum(count for meter, count in used.items() if meter != "output")
        usage = Usage(
            input_tokens=prompt,
            cache_read_tokens=used.get("cache_read"),
            cache_write_tokens=used.get("cache_write"),
            input_audio_tokens=used.get("input_audio"),
            output_tokens=used.get("output", 0),
        )
        price = model.get_prices(datetime.fromisoformat(call["at"]))
        return format(price.calc_price(usage)["total_price"], "f")

    return ask


def main() -> None:
    """Answer every call of standard input."""
    name, *rest = sys.argv[1:]
    ask = litellm(*rest) if name == "litellm" else genai_prices()
    answers = sys.stdout
    sys.stdout = sys.stderr  # a peer's own remarks are no answers
    for line in sys.stdin:
        try:
            answer = {"total": ask(json.loads(line))}
        except Exception as error:  # noqa: BLE001  whatever the peer raises
            answer = {"error": f"{type(error).__name__}: {str(error)[:120]}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
