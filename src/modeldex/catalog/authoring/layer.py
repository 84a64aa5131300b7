"""One file's facts (a layer), and what is wrong with them (findings)."""

from __future__ import annotations

from functools import total_ordering

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Facts = dict[str, Any]

ERROR = "error"
WARNING = "warning"

# code -> what it means; the reference page and the tests read this table
FINDING_CODES = {
    "not_yaml": "the file is not YAML; nothing of it is read",
    "not_utf8": "bytes that are not UTF-8",
    "control_character": "a character that text may not hold",
    "too_large": "a file, scalar or key above its size limit",
    "too_deep": "values nested deeper than 12 levels",
    "too_many": "more findings than are shown",
    "unreadable": "the file cannot be read",
    "not_a_file": "a dangling link, directory or special file",
    "directive": "a %YAML or %TAG directive",
    "several_documents": "more than one document in the file",
    "tag": "a YAML tag",
    "anchor": "a YAML anchor",
    "alias": "a YAML alias",
    "merge_key": "a YAML merge key",
    "duplicate_key": "a key given twice; the first one counts",
    "bad_key": "a key that is no plain text",
    "bad_shape": "a list, mapping or text where another is expected",
    "unknown_key": "a key outside the schema; metadata may hold it",
    "unknown_meter": "a price of something unknown",
    "unknown_condition": "a condition of a rate that does not exist",
    "bad_condition": "a condition's value is malformed, or contradicts another",
    "duplicate_rate": "conditions given twice in other words; the first count",
    "unknown_field": "sources name a field that does not exist",
    "bad_provider_id": "a provider id outside [a-z0-9][a-z0-9._-]*",
    "bad_model_id": "a model id with characters that ids may not hold",
    "bad_text": "text that is empty, too long or has line breaks",
    "bad_number": "a number that is malformed or out of bounds",
    "bad_flag": "neither yes nor no",
    "bad_date": "no such date, or not written YYYY-MM-DD",
    "bad_choice": "a word outside the list of allowed ones",
    "bad_name": "a name with characters that names may not hold",
    "bad_url": "not an http or https URL",
    "conflict": "two spellings of one fact disagree; the first counts",
    "missing_provider": "no provider key; the file's name is taken",
    "no_models": "no models key",
    "empty_model": "a model without any fact",
    "wildcard_id": "a model id with *",
    "float_count": "a count written with a decimal point",
    "duplicate_capability": "a capability named twice",
    "unknown_capability": "a capability outside the vocabulary",
    "unknown_feature": "a feature of a provider outside the vocabulary",
    "unknown_authentication": "a way to authenticate outside the vocabulary",
    "missing_unit": "a number of a limitation without its unit",
    "unknown_parameter": "a parameter that the capability or request does not have",
    "bad_parameter": "a parameter of another type, or a word that it does not know",
    "implied_conflict": "stated not to be there, yet another capability needs it",
    "unknown_mode": "a mode outside the vocabulary",
    "unknown_modality": "a modality outside the vocabulary",
    "legacy_key": "ExLLM's spelling of a key",
    "bare_curated": "a curated field without who, when, why and URL",
    "duplicate_provider": "two files of one provider",
    "stem_mismatch": "the file's name is not the provider's id",
    "missing_default": "the default model is not in its file",
    "missing_target": "alias_of names a model that the file has not",
    "default_not_chat": "the default is no chat model though there are some",
    "limit_order": "a part of the context larger than the whole",
    "zero_limit": "a limit of 0 tokens",
    "output_below_input": "output cheaper than input",
    "high_price": "a price above 10,000 USD per 1M tokens",
    "zero_price": "0 where free, included or nothing is meant",
    "dearer_window": "a price of some hours above the standard one, the dearest",
    "unknown_zone": "a time zone that no computer may know",
    "contract_shipped": "a contract's price in the shipped catalogue",
    "unmatched_contract": "a row of a contract that means no model",
    "state_conflict": "a state that its amounts or its provider contradict",
    "date_order": "dates in an impossible order",
    "pseudo_model": "a price tier, region or size, not a model",
    "missing_sources": "a model without sources",
    "unwritable": "an edit that the file's shape does not allow",
}


@total_ordering
class Finding(Value):
    """One thing wrong at one place; ordered by path and line (1-based)."""

    __slots__ = ("code", "line", "message", "path", "severity")
    path: str
    line: int
    code: str
    message: str
    severity: str

    def __init__(
        self, path: str, line: int, code: str, message: str, severity: str = ERROR
    ) -> None:
        set_slot(self, "path", path)
        set_slot(self, "line", line)
        set_slot(self, "code", code)
        set_slot(self, "message", message)
        set_slot(self, "severity", severity)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}: {self.message}"

    def __lt__(self, other: Finding) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[str, int, str, str]:
        return self.path, self.line, self.code, self.message

    @property
    def is_error(self) -> bool:
        """Tell whether the finding is an error, not a warning."""
        return self.severity == ERROR


class Layer:
    """What one file says: provider facts, models by id, findings, lines of ids.

    `text` is the file's text as parsed, from which lines of other keys are found
    when a finding needs them.
    """

    __slots__ = ("findings", "lines", "models", "path", "provider", "text")

    def __init__(  # noqa: PLR0913, PLR0917  a plain record
        self,
        path: str,
        provider: Facts | None = None,
        models: dict[str, Facts] | None = None,
        findings: list[Finding] | None = None,
        lines: dict[str, int] | None = None,
        text: str = "",
    ) -> None:
        self.path = path
        self.provider = {} if provider is None else provider
        self.models = {} if models is None else models
        self.findings = [] if findings is None else findings
        self.lines = {} if lines is None else lines
        self.text = text

    def __repr__(self) -> str:
        counts = f"{len(self.models)} models, {len(self.findings)} findings"
        return f"Layer({self.path!r}, {counts})"

    @property
    def errors(self) -> list[Finding]:
        """The findings of severity error."""
        return [finding for finding in self.findings if finding.is_error]
