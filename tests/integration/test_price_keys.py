"""Every key of the sources that prices something is carried, or counted as not."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.catalog.authoring.conditions import canonical_key
from modeldex.catalog.merging.merge import Merged, merge
from modeldex.domain.pricing import split_key
from modeldex.sources import genai_prices, litellm, models_dev, pi_ai
from modeldex.sources.genai_rates import UNITS
from modeldex.sources.litellm_prices import BASES, STRUCTURED, UPLIFTS
from modeldex.sources.packages import date_in_name, read_payload
from modeldex.usecases.catalog_import import full_report, import_claims, report_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.catalog.merging.claims import Claims

ROOT = Path(__file__).parents[2]
SOURCES = ROOT.parent / "shared" / "data" / "sources"
PAGE = (ROOT / "docs" / "import-prices.md").read_text("utf-8")
DOCUMENTED = {
    key
    for line in PAGE.splitlines()
    if line.startswith("|")
    for key in re.findall(r"`([\w.]+)`", line.split("|")[1])
}
FILES = {
    "litellm": "litellm-1.109.1_2026-11-12.json.gz",
    "models.dev": "models.dev_2026-09-30.json.gz",
    "genai-prices": "genai-prices-0.2.3_2026-11-10.json.gz",
    "pi-ai": "pi-ai-1.5.2_2026-11-10.normalized.json.gz",
}
SUFFIX = re.compile(
    r"(_above_\d+(hr|k_tokens)|_batches|_flex|_priority|_balanced|_ultrafast"
    r"|_decisions|_\d+p|_[\d.]+[kK]|_\d{3,4})+"
)
# what prices something in litellm, told apart from the translator's own test
PRICE_LIKE = re.compile(
    r"cost|pric|uplift|multiplier|free_requests|provider_specific_entry"
)

real = pytest.mark.skipif(
    not SOURCES.is_dir(), reason="the real sources are not beside the project"
)


def test_the_page_names_every_key_of_the_translators() -> None:
    """The table of the documents is complete."""
    assert {*BASES, *STRUCTURED, *UPLIFTS, *UNITS} <= DOCUMENTED


def test_an_import_reports_what_it_carried(tmp_path: Path) -> None:
    """The report counts keys carried, not carried by reason, and served rates."""
    row = {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": Decimal("2e-6"),
        "input_cost_per_token_batches": Decimal("1e-6"),
        "input_dbu_cost_per_token": Decimal(1),
    }
    claims = litellm.translate({"m": row}, "2026-11-12")
    report = import_claims([claims], str(tmp_path), str(tmp_path / "claims.xz"))
    rows = {(row["what"], row["of"]): row["count"] for row in report_rows(report)}
    assert rows["carried", "litellm"] == 2
    assert rows["not carried: a price in another currency", "litellm"] == 1
    assert rows["rates by service_tier", "litellm"] == 1
    assert full_report(report)["carried"]["litellm"] == claims.carried
    text = (tmp_path / "openai.yaml").read_text("utf-8")
    assert "service_tier=batch: {input: 1}" in text


def _payload(source: str) -> Any:
    return read_payload(source, SOURCES / FILES[source])


def _claims(source: str) -> Claims:
    translate = {
        t.SOURCE: t.translate for t in (litellm, models_dev, genai_prices, pi_ai)
    }
    day = date_in_name(SOURCES / FILES[source])
    assert day
    return translate[source](_payload(source), day)


def _keys_of_litellm(payload: Any) -> Iterator[str]:
    for row in payload.values():
        yield from (key for key in row if PRICE_LIKE.search(key))


def _keys_of_genai(payload: Any) -> Iterator[str]:
    for provider in payload:
        for model in provider["models"]:
            listed = model.get("prices")
            for entry in listed if isinstance(listed, list) else [{"prices": listed}]:
                yield from entry["prices"] or ()


def _keys_of_models_dev(payload: Any) -> Iterator[str]:
    for provider in payload.values():
        for model in provider["models"].values():
            cost = model.get("cost") or {}
            yield from (f"cost.{key}" for key in cost if key != "tiers")
            for tier in cost.get("tiers", ()):
                yield from ("cost.tiers" for key in tier if key != "tier")
            modes = model.get("experimental", {}).get("modes", {}).values()
            for mode in modes:
                yield from ("experimental.modes" for _ in mode.get("cost", ()))


KEYS = {
    "litellm": _keys_of_litellm,
    "genai-prices": _keys_of_genai,
    "models.dev": _keys_of_models_dev,
}


@real
@pytest.mark.parametrize("source", KEYS)
def test_every_price_key_of_the_files_is_counted(source: str) -> None:
    """Each occurrence of a price key is carried or not carried, none is lost."""
    claims = _claims(source)
    counted = Counter(claims.carried)
    for key, count in claims.not_carried.items():
        if source != "models.dev" or "." in key:
            counted[key.partition(": ")[0]] += count
    assert counted == Counter(KEYS[source](_payload(source)))


@real
@pytest.mark.parametrize("source", FILES)
def test_every_price_key_of_the_files_is_documented(source: str) -> None:
    """The family of each key stands in the documents."""
    claims = _claims(source)
    keys = {key.partition(": ")[0] for key in (*claims.carried, *claims.not_carried)}
    families = {key if key in DOCUMENTED else SUFFIX.sub("", key) for key in keys} - {
        "interleaved"
    }
    if source == "pi-ai":
        families = {name.replace("pricing.", "price.") for name in families}
    assert families <= DOCUMENTED


# field and conditions of a rate, and what the raw files say of it
RAW = [
    ("openai/gpt-6-astra", "input@service_tier=ultrafast above=272000", "120"),
    ("openai/gpt-6-astra", "cache_write_12h@service_tier=batch", "12.5"),
    ("openai/gpt-4o", "input@service_tier=batch", "1.25"),
    ("openai/o3", "input@valid_to=2025-06-10", "10"),
    ("google/gemini-4-argon", "output@valid_from=2026-12-01", "20"),
    ("google/gemini-2.5-pro", "output@above=200000", "15"),
    ("google/gemini-2.5-flash", "searches@free=day pool=gemini-2-flash", "1500"),
    ("anthropic/claude-sonnet-4-5", "cache_write_1h@above=200000", "12"),
    ("anthropic/claude-opus-5-5", "multiplier@service_tier=fast", "2"),
    ("deepseek/deepseek-chat", "input@hours=00:00-00:30+16:30-00:00", "0.135"),
    ("alibaba/qwen3-coder-plus", "output@above=256000", "60"),
    ("azure/gpt-4o", "input@service_tier=batch region=eu", "1.375"),
    ("amazon-bedrock/deepseek.v3.2", "input@region=sa-east-1", "0.74"),
    ("openai/gpt-image-1", "output_images@size=1024x1024 quality=high", "0.167"),
    ("groq/whisper-large-v3", "input_audio_seconds@per=3600", "0.111"),
    (
        "mistral/mistral-ocr-latest",
        "pages@valid_from=2026-06-23 service_tier=batch",
        "0.002",
    ),
    ("perplexity/sonar", "requests@search_context=low", "0.005"),
    ("google-vertex/gemini-3.5-flash", "multiplier@region=regional", "1.1"),
]


@pytest.fixture(scope="module")
def merged() -> Merged:
    """Return the catalogue of the four sources."""
    return merge([_claims(source) for source in FILES])


@real
@pytest.mark.parametrize(("ref", "key", "expected"), RAW)
def test_rates_that_stand_in_the_files(
    merged: Merged, ref: str, key: str, expected: str
) -> None:
    """Rates of every kind, read by hand in the sources' files."""
    provider, _, model = ref.partition("/")
    assert merged.models[provider, model]["rates"][key] == Decimal(expected)


@real
def test_every_rate_has_a_key_as_people_write_it(merged: Merged) -> None:
    """Claims and served rates are spelled as the authored form has them."""
    keys = {
        name.removeprefix("rates.")
        for values in merged.claims.models.values()
        for name in values
        if name.startswith("rates.")
    }
    served = {key for facts in merged.models.values() for key in facts.get("rates", ())}
    assert {key for key in keys | served if canonical_key(key) != key} == set()


# what has a price of its own now, though not one of tokens
PRICED_MODES = {
    "audio_transcription": "input_audio_seconds",
    "image_generation": "output_images",
    "ocr": "pages",
    "rerank": "requests",
    "video_generation": "output_video_seconds",
}


@real
@pytest.mark.parametrize(("mode", "meter"), PRICED_MODES.items())
def test_models_of_other_units_have_prices(
    merged: Merged, mode: str, meter: str
) -> None:
    """What is billed by the second, image, page or request has such a price."""
    priced = [
        facts
        for facts in merged.models.values()
        if facts.get("mode") == mode and meter in facts.get("pricing", {})
    ]
    assert len(priced) > 10


@real
def test_nothing_under_a_condition_is_free_by_accident(merged: Merged) -> None:
    """No rate is 0 where the standard price is not, none of a day is dearer."""
    for ref, facts in merged.models.items():
        pricing = facts.get("pricing", {})
        for key, amount in facts.get("rates", {}).items():
            meter, conditions = split_key(key)
            assert amount > 0 or pricing.get(meter) == 0, (ref, key)
            if conditions.keys() <= {"hours", "zone", "weekday_zone"}:
                assert amount <= pricing[meter], (ref, key)
