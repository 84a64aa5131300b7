"""`find`: one grammar, the status of the day, exact bounds."""

from __future__ import annotations

from decimal import Decimal, localcontext

from catalogs import DAY, random_entries, registry_of


def test_keywords_and_text_are_one_grammar() -> None:
    """Python keywords mean what the text spells."""
    registry = registry_of(random_entries(0))
    text = registry.query(
        "vision no:audio_input maybe:reasoning provider:p0,p1 mode:chat"
        " modality:in:image family:alpha canonical:acme/alpha status:active"
        " min_context:100k min_output:8192 max_input:5 max_output:15.5"
        " released_after:2024-05 open_weights:no text:m-"
        " sort:-context limit:3 offset:1"
    )
    keywords = registry.query(
        capabilities=["vision"],
        without="audio_input",
        maybe=["reasoning"],
        provider=["p0", "p1"],
        mode="chat",
        modalities="in:image",
        family="alpha",
        canonical="acme/alpha",
        status="active",
        min_context=100_000,
        min_output="8192",
        max_input_price=5,
        max_output_price=Decimal("15.5"),
        released_after="2024-05",
        open_weights=False,
        text="m-",
        sort="-context",
        limit=3,
        offset=1,
    )
    assert text == keywords


def test_a_day_passing_retires_a_model() -> None:
    """Status follows the day of the question, not the day of compilation."""
    entries = {("p0", "m"): {"deprecation_date": DAY}}
    assert registry_of(entries, day="2026-06-14").find_refs() == ["p0/m"]
    assert registry_of(entries, day=DAY).find_refs() == []
    assert registry_of(entries, day=DAY).find_refs("status:retired") == ["p0/m"]
    assert registry_of(entries, day=DAY).get_info("p0/m").status == "retired"


def test_a_bound_is_exact_in_any_decimal_context() -> None:
    """A program's own decimal precision does not move a price bound."""
    entries = {("p", "m"): {"pricing": {"input": Decimal("5.0001")}}}
    registry = registry_of(entries)
    with localcontext() as context:
        context.prec = 3
        assert registry.find_refs(max_input_price="5.00009") == []
        assert registry.find_refs(max_input_price="5.0001") == ["p/m"]
