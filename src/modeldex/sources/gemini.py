"""Google's lists: the Gemini API's models, and Vertex AI's publisher models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.row_facts import Shape, reader

if TYPE_CHECKING:
    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.row_prices import RowPrices

# an embedding model's answer has this length: that it has none
_NO_ANSWER = 1
_STAGES = {
    "EXPERIMENTAL": "preview",
    "PRIVATE_PREVIEW": "preview",
    "PUBLIC_PREVIEW": "preview",
}
_OPEN = {
    "GOOGLE_OWNED_OSS_WITH_GOOGLE_CHECKPOINT": True,
    "PROPRIETARY": False,
    "THIRD_PARTY_OWNED_OSS_WITH_GOOGLE_CHECKPOINT": True,
}
_PUBLISHER = "publishers/google/models/"


def _gemini(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    """Read the longest answer, and the work where the methods leave no doubt."""
    methods = row.get("supportedGenerationMethods") or ()
    said: dict[str, Any] = {}
    if "generateContent" not in methods:
        if "bidiGenerateContent" in methods:
            said["mode"] = "realtime"
        elif "embedContent" in methods or "embedText" in methods:
            said["mode"] = "embedding"
    if row.get("outputTokenLimit") == _NO_ANSWER:
        rows.leave("outputTokenLimit", "1 is no answer")
        said["max_output_tokens"] = None
    if isinstance(row.get("thinking"), bool):
        said["capabilities.reasoning"] = row["thinking"]
    return said


def _vertex(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    stage = row.get("launchStage")
    category = row.get("openSourceCategory")
    if category and category not in _OPEN:
        rows.leave("openSourceCategory", "weights or code")
    return {
        "status": _STAGES.get(str(stage)),
        "open_weights": _OPEN.get(str(category)),
    }


read_gemini = reader(
    Shape(
        keys=("models",),
        ids=("name",),
        prefix="models/",
        facts={
            "displayName": "name",
            "inputTokenLimit": "max_input_tokens",
            "outputTokenLimit": "max_output_tokens",
        },
        words=("supportedGenerationMethods",),
        named_as="gemini",
        more=_gemini,
    )
)
read_vertex = reader(
    Shape(
        keys=("publisherModels",),
        ids=("name",),
        prefix=_PUBLISHER,
        more=_vertex,
    )
)
