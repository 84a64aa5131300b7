"""Known findings, kept in a file so that only new ones are told.

A finding is known by its file, its code and its id, so that it may move within its
file; as many of it are known as were written.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from modeldex.usecases.lint.finding import Finding
    from modeldex.usecases.lint.report import LintReport

    Key = tuple[str, str, str]

VERSION = 1


def _key(finding: Finding, folder: str) -> Key:
    path = os.path.relpath(os.path.abspath(finding.path), folder)
    return path.replace(os.sep, "/"), finding.code, finding.text


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


def write_baseline(path: str, report: LintReport) -> None:
    """Write the findings of a report as known; paths are relative to the file."""
    counts = Counter(_key(finding, _folder(path)) for finding in report.findings)
    rows = [
        {"path": name, "code": code, "id": text, "count": count}
        for (name, code, text), count in sorted(counts.items())
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"version": VERSION, "findings": rows}, file, indent=2)
        file.write("\n")


def read_baseline(path: str) -> Counter[Key]:
    """Read how many of each finding are known.

    Raises InvalidInputError for what is no baseline, OSError.
    """
    with open(path, encoding="utf-8") as file:
        try:
            content = json.load(file)
            known = {_read_row(row): int(row["count"]) for row in content["findings"]}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"{path}: this is no baseline; write one with --write-baseline"
            raise InvalidInputError(message) from error
    if content.get("version") != VERSION:
        message = f"{path}: this version reads baselines of version {VERSION}"
        raise InvalidInputError(message)
    return Counter(known)


def _read_row(row: dict[str, Any]) -> Key:
    return str(row["path"]), str(row["code"]), str(row["id"])


def leave_known(path: str, report: LintReport) -> None:
    """Take the known findings out of a report, and count them."""
    known = read_baseline(path)
    kept = []
    for finding in report.findings:
        key = _key(finding, _folder(path))
        if known[key] > 0:
            known[key] -= 1
            report.known += 1
        else:
            kept.append(finding)
    report.findings = kept
