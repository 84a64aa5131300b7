"""What servers of this host say of their models: Ollama and LM Studio.

The context window that is claimed is the model's own, at most. What a server is set
to at the moment is in `LocalDetails`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modeldex.sources.answers import refuse, refuse_error
from modeldex.sources.claim import plain_text, token_count
from modeldex.sources.row_facts import Shape, at_path, reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.api import Api, Reading
    from modeldex.sources.claim import Json
    from modeldex.sources.row_prices import RowPrices

MAX_SIZE = 2**53  # bytes
_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_LM_MODES = {"embedding": "embedding", "embeddings": "embedding", "llm": "chat"} | {
    "vlm": "chat"
}
# keys of which one at least stands in what a server shows of a model
_SHOWN = ("model_info", "details", "modelKey")


@dataclass(frozen=True, slots=True)
class LocalDetails:
    """What a server knows of a model that it holds.

    `context_window` is the most that the model takes; `effective_context` what the
    server is set to or has loaded, where it says so. `size` is in bytes.
    """

    context_window: int | None = None
    effective_context: int | None = None
    digest: str | None = None
    size: int | None = None
    quantization: str | None = None
    parameter_size: str | None = None
    family: str | None = None
    format: str | None = None


def _table(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _size(value: Json) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 < value <= MAX_SIZE else None


def ollama_details(row: Row) -> LocalDetails:
    """Return the details out of a row of `/api/tags`, `/api/ps` or `/api/show`."""
    shown = _table(row.get("details"))
    return LocalDetails(
        context_window=_ollama_window(row),
        effective_context=_effective(row),
        digest=plain_text(row.get("digest")),
        size=_size(row.get("size")),
        quantization=plain_text(shown.get("quantization_level")),
        parameter_size=plain_text(shown.get("parameter_size")),
        family=plain_text(shown.get("family")),
        format=plain_text(shown.get("format")),
    )


def _ollama_window(row: Row) -> int | None:
    """Return the context length that the model's own architecture states."""
    info = _table(row.get("model_info"))
    architecture = info.get("general.architecture")
    return token_count(info.get(f"{architecture}.context_length"))


def _effective(row: Row) -> int | None:
    """Return the context of a running model, or the `num_ctx` it is configured with."""
    return token_count(row.get("context_length")) or configured_context(row)


def configured_context(row: Row) -> int | None:
    """Return the `num_ctx` of the parameters that `/api/show` tells of."""
    found = _NUM_CTX.search(str(row.get("parameters") or ""))
    return token_count(int(found[1])) if found else None


def _ollama(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    able = row.get("capabilities") or ()
    info = row.get("model_info") or {}
    said: dict[str, Any] = {"context_window": _ollama_window(row)}
    if "embedding" in able and "completion" not in able:
        said["mode"] = "embedding"
        length = f"{info.get('general.architecture')}.embedding_length"
        said["embedding_dimensions"] = token_count(info.get(length))
    return said


_read_ollama = reader(
    Shape(
        keys=("models", "data"),
        ids=("model", "name", "id"),
        words=("capabilities",),
        named_as="ollama",
        more=_ollama,
    )
)


def read_ollama(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read `/api/tags`, `/api/ps`, `/v1/models`, or a map of names to `/api/show`."""
    return _read_ollama([_listed(page, api.name) for page in pages], at, api)


def _listed(page: Json, source: str) -> Json:
    """Return a map of names to what is shown of each as a list, else the page."""
    if not isinstance(page, dict) or not page:
        return page
    shown = [v for v in page.values() if isinstance(v, dict) and _is_shown(v)]
    if len(shown) == len(page):
        return [{**row, "name": name, "key": name} for name, row in page.items()]
    if _is_shown(page):
        refuse(source, "what is shown of one model does not name it")
    refuse_error(page, source)
    return page


def _is_shown(row: Mapping[str, Any]) -> bool:
    return any(key in row for key in _SHOWN)


def lmstudio_details(row: Row) -> LocalDetails:
    """Return the details out of a row of one of its two APIs, or of the SDK."""
    quantization = row.get("quantization")
    instances = row.get("loaded_instances")
    loaded = instances if isinstance(instances, list) else []
    running = [token_count(at_path(one, "config.context_length")) for one in loaded]
    return LocalDetails(
        context_window=token_count(
            row.get("max_context_length", row.get("maxContextLength"))
        ),
        effective_context=token_count(row.get("loaded_context_length"))
        or (running[0] if len(set(running)) == 1 else None),
        size=_size(row.get("size_bytes", row.get("sizeBytes"))),
        quantization=plain_text(
            quantization.get("name") if isinstance(quantization, dict) else quantization
        ),
        parameter_size=plain_text(row.get("params_string")),
        family=plain_text(row.get("architecture", row.get("arch"))),
        format=plain_text(row.get("format", row.get("compatibility_type"))),
    )


def _lmstudio(row: Row, _rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    """Read what it can; that it was not trained for tools says nothing."""
    said: dict[str, Any] = {}
    able = row.get("capabilities")
    table = able if isinstance(able, dict) else row
    trained = table.get("trained_for_tool_use", table.get("trainedForToolUse"))
    if trained is True:
        said["capabilities.function_calling"] = True
    if isinstance(table.get("vision"), bool):
        said["capabilities.vision"] = table["vision"]
    elif row.get("type") == "vlm":
        said["capabilities.vision"] = True
    options = at_path(table, "reasoning.allowed_options")
    if isinstance(options, list) and options:
        said["capabilities.reasoning"] = (
            {"toggle": True} if {"on", "off"} <= set(options) else True
        )
    return said


_read_lmstudio = reader(
    Shape(
        keys=("data", "models"),
        ids=("key", "id", "modelKey"),
        facts={
            "display_name": "name",
            "displayName": "name",
            "max_context_length": "context_window",
            "maxContextLength": "context_window",
        },
        words=("capabilities",),
        mode=("type", _LM_MODES),
        named_as="lmstudio",
        more=_lmstudio,
    )
)


def read_lmstudio(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read `/api/v0/models`, `/api/v1/models`, or a map of names to SDK details."""
    return _read_lmstudio([_listed(page, api.name) for page in pages], at, api)
