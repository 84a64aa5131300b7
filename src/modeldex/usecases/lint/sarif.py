"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from modeldex.usecases.lint.finding import ABOUT, CODES, Finding

if TYPE_CHECKING:
    from modeldex.usecases.lint.report import LintReport

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HELP = {
    "retired": "Requests to the model fail. Move to its replacement.",
    "retiring": "Requests will fail from the day named on. Plan the move.",
    "deprecated": "The model still answers. Move before its end is near.",
    "unknown": "Correct the id, or silence the line with `modeldex: ignore[unknown]`.",
}
_LEVELS = {
    "retired": "error",
    "retiring": "warning",
    "deprecated": "note",
    "unknown": "warning",
}


def sarif(report: LintReport, version: str) -> dict[str, Any]:
    """Return a report as a SARIF log of one run."""
    driver = {"name": "modeldex", "version": version, "rules": [*map(_rule, CODES)]}
    notes = [
        {"level": "note", "message": {"text": f"{path}: not scanned: {why}"}}
        for path, why in report.skipped
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": notes}
        ],
        "results": [_result(finding) for finding in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "name": f"{code.capitalize()}Model",
        "shortDescription": {"text": ABOUT[code]},
        "fullDescription": {"text": f"{ABOUT[code]}."},
        "help": {"text": _HELP[code]},
        "defaultConfiguration": {"level": _LEVELS[code]},
    }


def _result(finding: Finding) -> dict[str, Any]:
    place = f"{finding.path}:{finding.code}:{finding.text}".replace(os.sep, "/")
    facts = {"id": finding.text, "ref": finding.ref, "day": finding.day}
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endColumn": finding.column + len(finding.text),
    }
    where = {"artifactLocation": _location(finding.path), "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": CODES.index(finding.code),
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": where}],
        "partialFingerprints": {
            "modeldexId/v1": sha256(place.encode("utf-8", "replace")).hexdigest()
        },
        "properties": {name: fact for name, fact in facts.items() if fact},
    }


def _location(path: str) -> dict[str, str]:
    """Return a path as a URI: relative to the sources, or absolute."""
    uri = quote(os.path.normpath(path).replace(os.sep, "/"))
    if os.path.isabs(path):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}
