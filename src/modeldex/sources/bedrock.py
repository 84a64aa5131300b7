"""Amazon Bedrock's ListFoundationModels: modalities, lifecycle, limits of Converse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.row_facts import Shape, at_path, fact, named_abilities, reader

if TYPE_CHECKING:
    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.row_prices import RowPrices

_STATUSES = {"LEGACY": "deprecated"}
# what is stated of a region: that it is there counts, that it is not counts for nothing
_REGIONAL = (
    "batchSupported.baseModelSupported",
    "batchSupported.crossRegionSupported",
    "explicitPromptCaching.isSupported",
)
_FLAGS = ("responseStreamingSupported", "converse.systemRoleSupported")
# what is written for people, or has no field of ours
_LEFT = ("description.maxContextWindow", "description.releaseDate")
_TUNING = "FINE_TUNING"


def _more(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    stated = {path: at_path(row, path) for path in _FLAGS}
    stated |= {path: True for path in _REGIONAL if at_path(row, path) is True}
    known = {path: value for path, value in stated.items() if isinstance(value, bool)}
    if _TUNING in (row.get("customizationsSupported") or ()):
        known[_TUNING] = True
    if isinstance(at_path(row, "converse.reasoningSupported"), dict):
        known["converse.reasoningSupported"] = True
    if "pdf" in (at_path(row, "converse.userDocumentTypesSupported") or ()):
        known["pdf"] = True
    for path in _LEFT:
        if at_path(row, path):
            rows.leave(path, "written for people")
    for kind in row.get("inferenceTypesSupported") or ():
        rows.leave(f"inferenceTypesSupported {kind}", "a way to call, no field of ours")
    status = at_path(row, "modelLifecycle.status")
    return {
        **named_abilities("bedrock", known, rows),
        "status": _STATUSES.get(status),
        "deprecation_date": fact(
            "deprecation_date",
            at_path(row, "modelLifecycle.endOfLifeTime"),
            "modelLifecycle.endOfLifeTime",
            rows,
        ),
    }


read_bedrock = reader(
    Shape(
        keys=("modelSummaries",),
        ids=("modelId",),
        facts={
            "modelName": "name",
            "converse.maxTokensMaximum": "max_output_tokens",
            "modelLifecycle.startOfLifeTime": "release_date",
        },
        modalities=("inputModalities", "outputModalities"),
        more=_more,
    )
)
