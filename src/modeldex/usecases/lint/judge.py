"""Hold what may be an id against a catalogue: texts in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from modeldex.catalog.identity.tables import OLLAMA_TAG
from modeldex.domain.lifecycle import days_between
from modeldex.usecases.lint.finding import (
    DEPRECATED,
    RETIRED,
    RETIRING,
    UNKNOWN,
    Finding,
)
from modeldex.usecases.lint.forms import Forms, can_be_id, is_distinctive, line_of
from modeldex.usecases.lint.kinds import PROSE, kind_of
from modeldex.usecases.lint.lines import Lines
from modeldex.usecases.lint.occurrences import (
    KEY,
    KEYED,
    MENTION,
    WEAK,
    Occurrence,
    occurrences,
)
from modeldex.usecases.lint.silence import silenced

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.catalog.names import Names
    from modeldex.domain.model import Model
    from modeldex.usecases.lifecycle import Replacement, Successors


# providers whose ids are names that their users gave
_DEPLOYMENTS = ("azure/", "azure_ai/", "azure-ai/", "azure:")
# servers that have whatever their users put there
_LOCAL = (
    *("docker_model_runner/", "hosted_vllm/", "llamafile/", "lm_studio/", "lmstudio/"),
    *("localai/", "ollama/", "ollama:", "ollama_chat/", "vllm/", "xinference/"),
)


class _Verdict(NamedTuple):
    """What is wrong with a text; the model and what to move to, where it is one."""

    code: str
    ref: str | None = None
    day: str | None = None
    replacements: tuple[Replacement, ...] = ()


class Linter:
    """A catalogue, asked about the ids in texts.

    `model_of` returns the model that a text means, or None (`catalog.names`). What
    stops within so many days after the day `at` is retiring.
    """

    __slots__ = (
        "_at",
        "_forms",
        "_model_of",
        "_names",
        "_successors",
        "_verdicts",
        "_within",
    )

    def __init__(
        self,
        names: Names,
        model_of: Callable[[str], Model | None],
        successors: Successors,
        *,
        at: str,
        within: int,
    ) -> None:
        self._names = names
        self._model_of = model_of
        self._successors = successors
        self._at = at
        self._within = within
        self._forms = Forms(names.ids)
        self._verdicts: dict[str, _Verdict | None] = {}

    def check(self, text: str, path: str, kind: str | None = None) -> list[Finding]:
        """Return what is wrong with the ids in a file's text, in their order.

        The path's name says how the text is read, unless the kind is given.
        """
        kind = kind or kind_of(path) or PROSE
        lines = Lines(text)
        found: dict[int, Finding] = {}
        for one in occurrences(text, kind, self._is_wanted):
            verdict = self._judge(one)
            if verdict is not None:
                is_key = one.place in KEYED
                if one.start not in found or is_key:
                    found[one.start] = _finding(path, lines, one, verdict)
        silent = silenced(text, lines) if found else {}
        return [
            finding
            for _, finding in sorted(found.items())
            if finding.code not in silent.get(finding.line, ())
        ]

    def _is_wanted(self, text: str) -> bool:
        return text in self._names or line_of(text) is not None

    def _judge(self, one: Occurrence) -> _Verdict | None:
        """Return what is wrong with an occurrence, or None."""
        if one.text in self._names:
            if one.place not in KEYED and not is_distinctive(one.text):
                return None
        elif not self._may_be_unknown(one):
            return None
        if one.text not in self._verdicts:
            self._verdicts[one.text] = self._verdict(one.text)
        return self._verdicts[one.text]

    def _may_be_unknown(self, one: Occurrence) -> bool:
        """Tell whether a text that is no known id is meant to be one."""
        if one.place == MENTION or not can_be_id(one.text) or _is_local(one.text):
            return False
        if one.place == WEAK:
            return line_of(one.text) is not None and is_distinctive(one.text)
        is_named = one.place == KEY and not one.text.startswith(_DEPLOYMENTS)
        return is_named or self._forms.has_form(one.text)

    def _verdict(self, text: str) -> _Verdict | None:
        model = self._model_of(text)
        if model is None:  # an id that several have means none of them for certain
            return None if text in self._names else _Verdict(UNKNOWN)
        status, day = model.status_on(self._at), model.deprecation_date
        if status == "retired":
            code = RETIRED
        elif day and days_between(self._at, day) <= self._within:
            code = RETIRING
        elif status == "deprecated":
            code = DEPRECATED
        else:
            return None
        return _Verdict(code, model.ref, day, tuple(self._successors.of(model)))


def _is_local(text: str) -> bool:
    """Tell whether a text names a model of its user's own server, as Ollama's do."""
    name, _, tag = text.partition(":")
    is_tagged = "/" not in name and OLLAMA_TAG.fullmatch(tag)
    return bool(is_tagged) or text.startswith(_LOCAL)


def _finding(path: str, lines: Lines, one: Occurrence, verdict: _Verdict) -> Finding:
    line, column = lines.at(one.start)
    return Finding(
        path,
        line,
        column,
        verdict.code,
        one.text,
        is_key=one.place in KEYED,
        ref=verdict.ref,
        day=verdict.day,
        replacements=verdict.replacements,
    )
