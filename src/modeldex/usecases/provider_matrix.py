"""Providers by features, each cell yes, no or unknown; also as Markdown and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.resolve import provider_in
from modeldex.domain import Value, set_slot
from modeldex.usecases.providers import (
    COMMON_FEATURES,
    Offers,
    Support,
    is_configured,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.catalog import Catalog
    from modeldex.usecases.providers import Names

TITLE = "Provider capability matrix"
CONFIGURED = "configured"
# the word of a cell -> what it means
LEGEND = {
    "yes": "the provider or one of its models offers it",
    "no": "known not to be offered",
    "unknown": "nothing tells",
}
CONFIGURED_MEANS = "the environment holds the credentials, or none are needed"
_SIGNS = {"yes": "✓", "no": "✗", "unknown": "?"}
_MARKS = "\\`*[]<>|"  # `_` within a word means nothing
_STYLE = """\
body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse}
th,td{border:1px solid #c8c8c8;padding:.25rem .5rem;text-align:center}
th[scope=row]{text-align:left}
.yes{background:#dff3e0;color:#0b4f17}
.no{background:#fbe3e1;color:#7d1108}
.unknown{background:#f2f2f2;color:#5a5a5a}
dt{float:left;clear:left;width:6rem;font-weight:600}
"""


class ProviderMatrix(Value):
    """Rows are providers, columns features; `cells` are by (provider, feature)."""

    __slots__ = ("cells", "configured", "features", "providers")
    providers: tuple[str, ...]
    features: tuple[str, ...]
    cells: Mapping[tuple[str, str], Support]
    configured: Mapping[str, bool | None]

    def __init__(
        self,
        providers: Sequence[str],
        features: Sequence[str],
        cells: Mapping[tuple[str, str], Support],
        configured: Mapping[str, bool | None],
    ) -> None:
        set_slot(self, "providers", tuple(providers))
        set_slot(self, "features", tuple(features))
        set_slot(self, "cells", cells)
        set_slot(self, "configured", configured)

    def __hash__(self) -> int:
        return hash((self.providers, self.features))

    @property
    def _columns(self) -> list[str]:
        return [*self.features, *([CONFIGURED] if self.configured else ())]

    @property
    def rows(self) -> list[dict[str, str]]:
        """A row per provider: yes, no or unknown by feature, then `configured`."""
        return [
            {"provider": p}
            | {name: self.cells[p, name].word for name in self.features}
            | ({CONFIGURED: _word(self.configured[p])} if self.configured else {})
            for p in self.providers
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: per provider and feature the answer and why."""
        return {
            "providers": list(self.providers),
            "features": list(self.features),
            "configured": dict(self.configured),
            "matrix": {
                p: {
                    name: {
                        "supported": self.cells[p, name].answer,
                        "why": self.cells[p, name].why,
                    }
                    for name in self.features
                }
                for p in self.providers
            },
        }

    def markdown(self) -> str:
        """Return a Markdown table with title and legend."""
        columns = ["provider", *self._columns]
        lines = [
            f"# {TITLE}",
            "",
            _line(columns),
            _line(["---", *(":-:" for _ in columns[1:])]),
            *(
                _line([row["provider"], *(_SIGNS[row[n]] for n in columns[1:])])
                for row in self.rows
            ),
            "",
            "## Legend",
            "",
            *(f"- {_SIGNS[word]} {word}: {means}" for word, means in LEGEND.items()),
            *([f"- {CONFIGURED}: {CONFIGURED_MEANS}"] if self.configured else ()),
        ]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """Return one page that needs nothing from anywhere else."""
        from html import escape

        columns = self._columns
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
        body = []
        for row in self.rows:
            cells = []
            for name in columns:
                support = self.cells.get((row["provider"], name))
                why = f' title="{escape(support.why)}"' if support else ""
                cells.append(f'<td class="{row[name]}"{why}>{row[name]}</td>')
            title = f'<th scope="row">{escape(row["provider"])}</th>'
            body.append(f"<tr>{title}{''.join(cells)}</tr>\n")
        more = f"<dt>{CONFIGURED}</dt><dd>{CONFIGURED_MEANS}</dd>\n"
        legend = "".join(
            f'<dt class="{word}">{word}</dt><dd>{means}</dd>\n'
            for word, means in LEGEND.items()
        )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{TITLE}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{TITLE}</h1>\n<table>\n<thead>\n"
            f'<tr><th scope="col">provider</th>{head}</tr>\n</thead>\n<tbody>\n'
            f"{''.join(body)}</tbody>\n</table>\n<h2>Legend</h2>\n<dl>\n{legend}"
            f"{more if self.configured else ''}</dl>\n"
            "</body>\n</html>\n"
        )


def _word(answer: bool | None) -> str:  # noqa: FBT001
    return Support(answer, "").word


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_markdown_text, cells))} |"


def _markdown_text(text: str) -> str:
    """Write text so that Markdown shows it as it is, in one cell of one line."""
    flat = " ".join(text.split())
    for sign in _MARKS:
        flat = flat.replace(sign, "\\" + sign)
    return flat


def provider_matrix(
    catalog: Catalog,
    providers: Names | None,
    features: Names | None,
    environ: Mapping[str, str] | None,
) -> ProviderMatrix:
    """Return the matrix of some providers and features.

    Without `providers`, those whose entry states endpoints; without `features`,
    the common ones; without `environ` nothing is said of what is configured. Raises
    UnknownProviderError, and InvalidInputError for a name that is no feature.
    """
    offers = Offers(catalog)
    if providers is None:
        known = sorted(offers.facts)
        ids = [name for name in known if "endpoints" in offers.facts[name]]
    else:
        ids = [provider_in(catalog, name) for name in words_of(providers)]
    ids = list(dict.fromkeys(ids))
    names = offers.checked(COMMON_FEATURES if features is None else features)
    cells = {(p, name): offers.support(p, name) for p in ids for name in names}
    configured = {}
    if environ is not None:
        configured = {p: is_configured(offers.facts[p], environ) for p in ids}
    return ProviderMatrix(ids, names, cells, configured)
