"""The documents name everything that is public."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import modeldex
from modeldex import errors
from modeldex.catalog.query import KEY_ALIASES, KEYS
from modeldex.catalog.values import ORDERED_FIELDS
from modeldex.cli import EXIT_STATUSES, exit_status, main
from modeldex.cli.models import find_command
from modeldex.config import SETTINGS
from modeldex.domain.record import RECORD_KEYS
from modeldex.domain.usage_tables import SHAPES
from modeldex.sources.apis import APIS, apis_table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
QUICK = (ROOT / "docs" / "quick-reference.md").read_text("utf-8")
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *("docs/" + p.name for p in (ROOT / "docs").glob("*.md")),
)


def words(text: str) -> set[str]:
    """Return the words of the code spans of a document."""
    spans = re.findall(r"`([^`\n]+)`", text)
    return {word for span in spans for word in re.findall(r"[A-Za-z_][\w-]*", span)}


def commands(group: click.Command, path: str = "modeldex") -> Iterator[str]:
    """Yield every command with its path."""
    if not isinstance(group, click.Group):
        yield path
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, f"{path} {name}")


def error_classes(root: type[Exception] = errors.ModeldexError) -> Iterator[type]:
    """Yield every class of the error tree."""
    yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


@pytest.mark.parametrize("name", modeldex.__all__)
def test_public_names_are_documented(name: str) -> None:
    """Every public name stands in the quick reference."""
    assert name in words(QUICK)


@pytest.mark.parametrize("command", list(commands(main)))
def test_commands_are_documented(command: str) -> None:
    """Every command stands in the quick reference."""
    assert f"`{command}" in QUICK


@pytest.mark.parametrize("error", list(error_classes()), ids=lambda e: e.__name__)
def test_errors_are_documented(error: type[errors.ModeldexError]) -> None:
    """Every error stands with its code and exit status, and in the drawn tree."""
    status = exit_status(error.__new__(error))
    assert f"| `{error.code}` | `{error.__name__}` | {status} |" in QUICK
    assert error.__name__ in (errors.__doc__ or "")
    assert error.code in (errors.__doc__ or "") or error.__subclasses__()


def test_error_codes_are_unique() -> None:
    """A code names one error."""
    codes = [error.code for error in error_classes()]
    assert len(codes) == len(set(codes))
    assert all(issubclass(kind, errors.ModeldexError) for kind, _ in EXIT_STATUSES)


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_are_documented(setting: str) -> None:
    """Every setting stands with its variable."""
    assert {setting, f"MODELDEX_{setting.upper()}"} <= words(QUICK)


@pytest.mark.parametrize("key", [*KEYS, *KEY_ALIASES, *ORDERED_FIELDS])
def test_query_terms_are_documented(key: str) -> None:
    """Every term of the grammar stands in the quick reference."""
    assert key in words(QUICK) or f"{key} " in QUICK


def test_find_flags_are_documented() -> None:
    """Every flag of `modeldex find` that is a query term stands there too."""
    flags = [
        flag
        for parameter in find_command.params
        if parameter.name in KEYS
        for flag in parameter.opts
    ]
    assert len(flags) == len(KEYS)
    assert [flag for flag in flags if flag not in QUICK] == []


@pytest.mark.parametrize("key", RECORD_KEYS)
def test_record_keys_are_documented(key: str) -> None:
    """Every key of a JSON record stands in the quick reference."""
    assert key in words(QUICK)


def test_shapes_of_usage_are_documented() -> None:
    """The page on usage has a row per shape, in the order of the rules."""
    page = (ROOT / "docs" / "usage.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    assert rows[1:] == [shape.name for shape in SHAPES]


def test_sources_are_documented() -> None:
    """The page on sources has the table of the APIs, and a row on each of them."""
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    table = page.partition("<!-- apis -->\n")[2].partition("<!-- /apis -->")[0]
    assert table == apis_table()
    read = page.partition("## One by one")[2]
    told = {
        name
        for row in re.findall(r"^\| (`.*?) \|", read, re.MULTILINE)
        for name in words(row)
    }
    assert {word for api in APIS for word in words(f"`{api.name}`")} <= told


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """Every relative link of a document leads to a file of the repository."""
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8"))
    missing = [
        target
        for target in targets
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert missing == []


def test_make_targets_of_the_documents_exist() -> None:
    """Every `make target` that a document names is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`?make ([a-z]+)", (ROOT / document).read_text())
        if f"`make {target}" in (ROOT / document).read_text()
        or f"\nmake {target}" in (ROOT / document).read_text()
    }
    assert {"demo", "test", "check", "catalogue"} <= named
    assert [target for target in named if f"\n{target}:" not in makefile] == []
