"""`doctor` tells how old the facts are, and warns beyond an age that is set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.config import load_settings
from modeldex.errors import InvalidSettingsError
from shells import Shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell at an empty home."""
    (tmp_path / "home").mkdir()
    return Shell(tmp_path / "home")


def age(shell: Shell) -> tuple[int, Any]:
    """Return the exit status, and what is said of the age."""
    status, out, _ = shell("doctor", "--json")
    return status, next(row for row in json.loads(out) if row["check"] == "age")


def test_an_old_catalogue_is_a_warning_and_no_failure(shell: Shell) -> None:
    """Until an age that is set."""
    shell.environ["MODELDEX_MAX_AGE_DAYS"] = "1"
    _, row = age(shell)
    assert row["result"] == "warning"
    assert "run `modeldex sync`" in row["detail"]
    shell.environ["MODELDEX_MAX_AGE_DAYS"] = "9999"
    _, row = age(shell)
    assert row["result"] == "ok"


def test_a_synced_source_tells_its_own_age(shell: Shell) -> None:
    """It counts in the place of the shipped catalogue."""
    shell.environ["MODELDEX_MAX_AGE_DAYS"] = "1"
    answer = shell.home / "answer.json"
    answer.write_text('{"object": "list", "data": [{"id": "m", "object": "model"}]}')
    status, _, said = shell("sync", "deepseek", "--from", str(answer))
    assert status == 0, said
    _, row = age(shell)
    assert (row["result"], row["detail"]) == ("ok", "deepseek 0 days")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "\u0663"])
def test_an_age_is_a_number_of_days(value: str) -> None:
    """Anything else is an error that says so."""
    with pytest.raises(InvalidSettingsError, match="max_age_days is a number"):
        load_settings({"MODELDEX_MAX_AGE_DAYS": value})
