"""Reading numbers, dates, texts and lists of a source safely."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modeldex.sources.claim import (
    amount,
    full_date,
    iso_date,
    modality_claims,
    per_million,
    plain_text,
    token_count,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.00000125", "1.25"),
        ("1.25e-06", "1.25"),
        ("3E-7", "0.3"),
        ("0.0", "0"),
        ("1e-4", "100"),
    ],
)
def test_per_token_amounts_scale_exactly(text: str, expected: str) -> None:
    """USD per token becomes USD per 1,000,000 without exponent or trailing zeros."""
    assert str(per_million(Decimal(text))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.04999999999999999", "0.05"),
        ("0.02988999999999999", "0.02989"),
        ("0.003625", "0.003625"),
        ("200", "200"),
        ("2.50", "2.5"),
        ("0.12345678901234567", "0.12345678901234567"),
    ],
)
def test_binary_noise_is_read_as_the_short_number(text: str, expected: str) -> None:
    """Only a long number that is a short one plus noise is rounded."""
    assert str(amount(Decimal(text))) == expected


@pytest.mark.parametrize(
    "value",
    [None, True, "1", 1.5, Decimal("NaN"), Decimal("Infinity"), Decimal("1e99")],
)
def test_what_is_no_amount(value: object) -> None:
    """Text, floats, flags, infinities and absurd sizes are no amounts."""
    assert amount(value) is None
    assert token_count(value) is None


def test_token_counts() -> None:
    """A count is whole and positive; zero means that nobody knows."""
    values = [0, -1, Decimal("1e6"), Decimal("1.5"), 128000]
    assert [token_count(v) for v in values] == [None, None, 1_000_000, None, 128000]


def test_dates_and_texts() -> None:
    """Dates are ISO and real, texts one printable line."""
    assert iso_date("2026-11") == "2026-11"
    assert iso_date("2026-13") is None
    assert full_date("2026-02-30") is None
    assert full_date("2026-02-28") == "2026-02-28"
    assert plain_text("a\n b") == "a b"
    assert plain_text("\x1b[31m") is None


def test_modalities_say_yes_and_no() -> None:
    """A modality list states what is in it and what is not."""
    said = modality_claims(["text", "image"], ["text"])
    assert said["capabilities.vision"] is True
    assert said["capabilities.audio_input"] is False
    assert said["capabilities.image_output"] is False
    assert modality_claims(None, ["text"]) == {}
