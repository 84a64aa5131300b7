"""A scan of many files: what was found, what was not read, and whether it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modeldex.usecases.lint.finding import CODES, UNKNOWN, Finding
from modeldex.usecases.lint.walk import File, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from modeldex.usecases.lint.judge import Linter


@dataclass(slots=True)
class LintReport:
    """Findings of a scan, by file and place; `known` counts those of a baseline."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    characters: int = 0
    known: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Files that were not read, and why."""

    @property
    def counts(self) -> dict[str, int]:
        """Number of findings by code, worst first, without zeros."""
        counted = dict.fromkeys(CODES, 0)
        for finding in self.findings:
            counted[finding.code] += 1
        return {code: count for code, count in counted.items() if count}

    def failing(self, codes: Iterable[str]) -> list[Finding]:
        """Return the findings of these codes; of unknown ids those of `model` keys.

        An unknown id in any other string is only noted: it may be anything.
        """
        wanted = set(codes)
        return [
            finding
            for finding in self.findings
            if finding.code in wanted and (finding.code != UNKNOWN or finding.is_key)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "findings": [finding.as_dict() for finding in self.findings],
            "counts": self.counts,
            "files": self.files,
            "known": self.known,
            "skipped": [{"path": path, "reason": why} for path, why in self.skipped],
        }


def lint_files(
    linter: Linter,
    files: Iterable[File],
    passed: Callable[[File], None] | None = None,
) -> LintReport:
    """Scan files; a file that cannot be read is told as skipped.

    `passed` is called with each file before it is read.
    """
    report = LintReport()
    for file in files:
        if passed is not None:
            passed(file)
        try:
            text, skipped = read_text(file.path)
        except OSError as error:
            text, skipped = "", error.strerror or "unreadable"
        if skipped:
            report.skipped.append((file.path, skipped))
        else:
            lint_text(linter, text, file, report)
    return report


def lint_text(linter: Linter, text: str, file: File, report: LintReport) -> None:
    """Scan one text, and add what is found to a report."""
    report.findings += linter.check(text, file.path, file.kind)
    report.files += 1
    report.characters += len(text)


def codes_of(words: Sequence[str]) -> list[str]:
    """Return the codes among words separated by commas; `none` is none of them.

    Raises ValueError with the word that is no code.
    """
    codes = [word.strip() for text in words for word in text.split(",") if word.strip()]
    for word in codes:
        if word not in (*CODES, "none"):
            raise ValueError(word)
    return [code for code in codes if code != "none"]
