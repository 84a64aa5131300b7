"""APIs that list models as OpenAI does: a table of how each spells its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.api import LIMITS, PRESENCE, Api
from modeldex.sources.row_facts import Shape, at_path, reader

if TYPE_CHECKING:
    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.row_prices import RowPrices

# the same key is a window at everyone who has it, the first that a row has counts
WINDOWS = {
    "max_model_len": "context_window",
    "context_window": "context_window",
    "context_length": "context_window",
    "max_context_length": "context_window",
}
_PERPLEXITY_UNIT = "usd_per_1m_tokens"
_PROVIDER_LIST = "provider-list"
_TOGETHER_MODES = {
    "chat": "chat",
    "code": "completion",
    "embedding": "embedding",
    "image": "image_generation",
    "language": "completion",
    "moderation": "moderation",
    "rerank": "rerank",
    "transcribe": "audio_transcription",
    "video": "video_generation",
}
_HEROKU_MODES = {
    "text-to-embedding": "embedding",
    "text-to-image": "image_generation",
    "text-to-score": "rerank",
    "text-to-text": "chat",
}
_GPUSTACK_MODES = {
    "embedding": "embedding",
    "image": "image_generation",
    "llm": "chat",
    "reranker": "rerank",
    "speech_to_text": "audio_transcription",
    "text_to_speech": "audio_speech",
}


def _groq(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any] | str:
    return "not active" if row.get("active") is False else {}


def _perplexity(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read the prices where the row names the unit that we know."""
    table = row.get("pricing") or {}
    unit = table.get("unit")
    for key, value in table.items():
        if key == "unit":
            continue
        if unit != _PERPLEXITY_UNIT:
            rows.leave(f"pricing.{key}", "another unit")
        elif key in ("input", "output", "cache_read", "cache_write"):
            prices.read(f"pricing.{key}", key, value)
        else:
            rows.leave(f"pricing.{key}", "no meter of ours")
    return {}


def _perplexity_provider(model: str) -> str:
    """Return who serves a model: `author/model` ids are those of the agent API."""
    return "perplexity-agent" if "/" in model else "perplexity"


def _cohere(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any] | str:
    if row.get("finetuned") is True:
        return "fine-tuned, of one account"
    endpoints = row.get("endpoints") or ()
    said: dict[str, Any] = {}
    if "chat" not in endpoints:
        kinds = {"embed": "embedding", "rerank": "rerank"}
        found = [mode for word, mode in kinds.items() if word in endpoints]
        said["mode"] = found[0] if len(found) == 1 else None
    if row.get("is_deprecated") is True:
        said["status"] = "deprecated"
    return said


def _heroku(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    """Read the state; its deprecation day is when it began to be deprecated."""
    return {"status": "deprecated"} if row.get("state") == "deprecated" else {}


def _baseten(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    """Leave the longest answer where it is the window: some rows repeat that."""
    longest, window = row.get("max_completion_tokens"), row.get("context_length")
    if longest is None or longest != window:
        return {}
    rows.leave("max_completion_tokens", "the window")
    return {"max_output_tokens": None}


def _deepinfra(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    if at_path(row, "metadata.max_tokens"):
        rows.leave("metadata.max_tokens", "a window or an answer")
    return {}


SHAPES = {
    "openai": Shape(),
    "anthropic": Shape(
        facts={
            "display_name": "name",
            "max_input_tokens": "max_input_tokens",
            "max_tokens": "max_output_tokens",
            "created_at": "release_date",
        },
        flags=("capabilities",),
    ),
    "baseten": Shape(
        facts={
            "name": "name",
            "context_length": "context_window",
            "max_completion_tokens": "max_output_tokens",
        },
        prices={
            "pricing.prompt": "input",
            "pricing.completion": "output",
            "pricing.input_cache_read": "cache_read",
        },
        words=("supported_features", "supported_sampling_parameters"),
        modalities=("input_modalities", "output_modalities"),
        named_as=_PROVIDER_LIST,
        more=_baseten,
    ),
    "cerebras": Shape(),
    "chutes": Shape(
        facts={
            "context_length": "context_window",
            "max_output_length": "max_output_tokens",
        },
        prices={
            "pricing.prompt": "input",
            "pricing.completion": "output",
            "pricing.input_cache_read": "cache_read",
        },
        words=("supported_features", "supported_sampling_parameters"),
        modalities=("input_modalities", "output_modalities"),
        named_as=_PROVIDER_LIST,
    ),
    "cohere": Shape(
        keys=("models",),
        ids=("name",),
        facts={"context_length": "context_window"},
        words=("features",),
        more=_cohere,
    ),
    "deepinfra": Shape(
        facts={"metadata.context_length": "context_window"},
        prices={
            "metadata.pricing.input_tokens": "input",
            "metadata.pricing.output_tokens": "output",
            "metadata.pricing.cache_read_tokens": "cache_read",
        },
        words=("metadata.tags",),
        more=_deepinfra,
    ),
    "deepseek": Shape(),
    "github-models": Shape(
        facts={
            "name": "name",
            "limits.max_input_tokens": "max_input_tokens",
            "limits.max_output_tokens": "max_output_tokens",
        },
        words=("capabilities",),
        modalities=("supported_input_modalities", "supported_output_modalities"),
    ),
    "gpustack": Shape(
        keys=("items", "data"),
        ids=("name", "id"),
        facts={
            "meta.n_slot_ctx": "context_window",
            "max_model_len": "context_window",
        },
        flags=("meta",),
        mode=("categories", _GPUSTACK_MODES),
    ),
    "groq": Shape(
        facts={
            "context_window": "context_window",
            "max_completion_tokens": "max_output_tokens",
        },
        more=_groq,
    ),
    "heroku": Shape(
        ids=("model_id",),
        facts={"eol_date": "deprecation_date", "replacement_model": "replacement"},
        mode=("type", _HEROKU_MODES),
        more=_heroku,
    ),
    "nvidia": Shape(),
    "perplexity": Shape(more=_perplexity, provider=_perplexity_provider),
    "together": Shape(
        facts={
            "display_name": "name",
            "context_length": "context_window",
            "license": "license",
        },
        prices={"pricing.input": "input", "pricing.output": "output"},
        mode=("type", _TOGETHER_MODES),
    ),
    "vllm": Shape(facts={"max_model_len": "context_window"}),
}

_read_compatible = reader(Shape(facts=WINDOWS, keys=("data", "models")))


def compatible_api(
    name: str,
    url: str,
    provider: str = "",
    keys: tuple[str, ...] = (),
    *,
    local: bool = False,
) -> Api:
    """Return the row of any server that lists models as OpenAI does.

    `url` is the base of its API, as `http://127.0.0.1:8000/v1`, or the list's own. A
    context window is read where a row has one of the keys of `WINDOWS`.
    """
    base = url.rstrip("/")
    return Api(
        name,
        provider or name,
        base if base.endswith("/models") else f"{base}/models",
        _read_compatible,
        keys=keys,
        authority=frozenset((PRESENCE, LIMITS) if local else (PRESENCE,)),
        scoped=True,
        local=local,
    )
