"""Every recorded answer of an API: parsed, counted, traced to its row, compared."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from api_answers import (
    AT,
    INDEX,
    UPSTREAM,
    api_of,
    changed,
    paths_in,
    read,
    rows_of,
    untraced,
    without,
)
from golden.api_claims import CLAIMS
from modeldex.catalog.authoring.schema import MODEL_TABLE
from modeldex.domain.capability import CAPABILITIES
from modeldex.domain.capability_details import REQUEST_PARAMETERS
from modeldex.domain.pricing import CONDITIONS, METERS, split_key
from modeldex.errors import SourceDeniedError, SourceFormatError
from modeldex.sources.answers import decode_answer
from modeldex.sources.apis import APIS
from modeldex.sources.row_facts import UNKNOWN_WORD

pytestmark = pytest.mark.skipif(
    not UPSTREAM.is_dir(), reason="the recorded answers are not beside the project"
)
REFUSED = {
    "gpustack/error_401.2026-02-19.json": (SourceDeniedError, "401"),
    "ollama/api_version.json": (SourceFormatError, "no list of models"),
}
FILES = {entry["file"]: entry for entry in INDEX if entry["file"] not in REFUSED}
LISTED = [f for f in FILES if f.partition("/")[0] != "deepgram"]
WINDOW_KEYS = (
    "context_length",
    "context_window",
    "inputTokenLimit",
    "maxContextLength",
    "max_input_tokens",
    "max_context_length",
    "max_model_len",
    "n_slot_ctx",
)
SAMPLED_ROWS, SAMPLED_PATHS = 8, 40


def _page(file: str) -> Any:
    return decode_answer((UPSTREAM / file).read_bytes(), file)


def _sample(items: list[Any], most: int) -> list[Any]:
    return items[:: max(1, len(items) // most)]


def _facts(file: str, row: Any) -> dict[Any, Any]:
    api = api_of(file)
    return dict(api.read([[row]], AT, api).claims.models)


@pytest.mark.parametrize("file", FILES)
def test_a_recorded_answer_is_parsed_and_its_rows_are_counted(file: str) -> None:
    """As many rows as the index counts; each is a model or left out with a reason."""
    reading = read(file)
    items = FILES[file]["items"]
    assert items is None or reading.rows == items
    assert reading.rows > 0
    assert reading.claims.models
    assert reading.claims.skipped == ()
    part = "nextPageToken" in _page(file) or file == "openrouter/model_endpoints.json"
    assert reading.complete is not part
    assert reading.claims.date == AT[:10]
    # every word of what a model can is mapped, or dropped with a reason
    assert [n for n in reading.claims.not_carried if UNKNOWN_WORD in n] == []


@pytest.mark.parametrize("file", REFUSED)
def test_what_is_no_list_is_refused_without_its_text(file: str) -> None:
    """An error answer raises with its code; its message is nowhere."""
    kind, told = REFUSED[file]
    with pytest.raises(kind, match=told) as caught:
        read(file)
    assert "Invalid authentication" not in str(caught.value)


def test_every_source_with_an_answer_is_read() -> None:
    """All folders of recorded answers have a row, nine have none recorded."""
    assert len({api_of(file).name for file in FILES}) == len(APIS) - 9


@pytest.mark.parametrize("file", FILES)
def test_claims_are_of_known_fields(file: str) -> None:
    """Every field, capability, meter and condition is one of the vocabulary."""
    for facts in read(file).claims.models.values():
        for name in facts:
            group, _, entry = name.partition(".")
            if group == "capabilities":
                assert entry in CAPABILITIES
            elif group == "request_parameters":
                assert entry in REQUEST_PARAMETERS
            elif group in ("pricing", "rates"):
                meter, conditions = split_key(entry)
                assert meter in (*METERS, "state")
                assert set(conditions) <= set(CONDITIONS)
            else:
                assert name in MODEL_TABLE


@pytest.mark.parametrize("file", LISTED)
def test_every_number_and_word_stands_in_the_row(file: str) -> None:
    """Numbers come from the row by the declared unit, days from its times."""
    for row in rows_of(_page(file)):
        for facts in _facts(file, row).values():
            assert untraced(facts, row, api_of(file)) == []


@pytest.mark.parametrize("file", LISTED)
def test_a_key_less_tells_nothing_more(file: str) -> None:
    """Without any one key a row says no field that it does not say with it."""
    for row in _sample(rows_of(_page(file)), SAMPLED_ROWS):
        whole = _facts(file, row)
        # a price without its condition, or without its rival, is another statement
        paths = [p for p in paths_in(row) if not {"conditions", "pricings"} & {*p}]
        for path in _sample(paths, SAMPLED_PATHS):
            for key, facts in _facts(file, without(row, path)).items():
                assert set(facts) <= set(whole.get(key, facts)), path


@pytest.mark.parametrize("file", LISTED)
def test_a_row_without_a_window_has_none(file: str) -> None:
    """No context window is made up for a row that states none."""
    for row in rows_of(_page(file)):
        bare = row
        for path in [p for p in paths_in(row) if p[-1] in WINDOW_KEYS][::-1]:
            bare = without(bare, path)
        for facts in _facts(file, bare).values():
            assert not {"context_window", "max_input_tokens"} & set(facts)


@pytest.mark.parametrize(
    ("file", "source", "provider", "model", "expected"),
    CLAIMS,
    ids=[f"{row[0]}:{row[3]}" for row in CLAIMS],
)
def test_claims_are_those_that_were_read_by_hand(
    file: str, source: str, provider: str, model: str, expected: dict[str, Any]
) -> None:
    """All that an answer says of a model, and nothing else."""
    assert api_of(file).name == source
    assert read(file).claims.models[provider, model] == expected


ODD: list[Any] = [
    *(None, True, 0, -1, 10**40, "", "x", "-1", "1e5", "2026-13-45"),
    *([], {}, [None], ["x"], {"a": 1}, [[]], [{"a": None}]),
    *map(Decimal, ("1.5", "NaN", "Infinity", "1e400", "-1e-400")),
]


@pytest.mark.parametrize("file", LISTED)
def test_a_damaged_value_is_left_out_or_refused(file: str) -> None:
    """Whatever stands for a value, no reader fails with another error than ours."""
    chance = Random(file)
    for row in _sample(rows_of(_page(file)), SAMPLED_ROWS):
        paths = list(paths_in(row))
        for path in chance.sample(paths, min(len(paths), 10)):
            damaged = changed(row, path, chance.choice(ODD))
            try:
                _facts(file, damaged)
            except SourceFormatError as error:
                assert str(error).startswith(f"{api_of(file).name}: ")  # noqa: PT017


def test_other_ids_of_a_model_are_no_models() -> None:
    """XAI's aliases tell what an id points to; they add no row."""
    reading = read("xai/v1_models.json")
    assert len(reading.claims.models) == 10
    assert reading.aliases["xai", "grok-4.5-latest"] == "grok-4.5"
    assert reading.aliases["xai", "grok-code-fast"] == "grok-build-0.1"


def test_rows_of_one_id_that_differ_are_not_believed() -> None:
    """Mistral lists `voxtral-mini-latest` twice, for two models: it is unknown."""
    facts = read("mistral/models.2025-11-03.json").claims.models
    assert "alias_of" not in facts["mistral", "voxtral-mini-latest"]
    assert "context_window" not in facts["mistral", "voxtral-mini-latest"]
    assert facts["mistral", "mistral-large-latest"]["context_window"] == 131_072
