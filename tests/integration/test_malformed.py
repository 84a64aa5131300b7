"""Malformed documents give findings, never exceptions or mistyped values."""

from __future__ import annotations

import os
import re
import time
from decimal import Decimal

import pytest

from malformed import documents, traps
from modeldex.catalog.authoring.conditions import canonical_key, is_glob
from modeldex.catalog.authoring.layer import FINDING_CODES
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.rates import rates_of_row
from modeldex.catalog.authoring.schema import MAX_COUNT, MAX_PRICE, MODEL_TABLE
from modeldex.catalog.authoring.validate import validate
from modeldex.domain.pricing import METERS, STATES
from modeldex.domain.ref import is_model_id, is_provider_id

COUNT = int(os.environ.get("MODELDEX_FUZZ_DOCUMENTS", "1000"))
PATH = "dir/acme.yaml"
TYPES = {
    "count": int,
    "flag": bool,
    "capabilities": dict,
    "modalities": dict,
    "limits": dict,
    "basis": dict,
    "requests": dict,
    "pricing": dict,
    "rates": dict,
    "any": dict,
    "sources": dict,
    "texts": list,
    "names": list,
}


def check_pricing(pricing):
    """Fail unless every amount is a finite Decimal in bounds."""
    for meter, amount in pricing.items():
        if meter == "state":
            assert amount in STATES
        elif meter == "currency":
            assert re.fullmatch("[A-Z]{3}", amount)
        else:
            assert meter in METERS
            assert type(amount) is Decimal
            assert amount.is_finite()
            assert 0 <= amount <= MAX_PRICE


def check_rates(rates):
    """Fail unless every rate has a canonical key and a finite Decimal in bounds."""
    for key, amount in rates.items():
        meter, _, conditions = key.partition("@")
        assert conditions
        assert canonical_key(key) == key
        assert type(amount) is Decimal
        assert amount.is_finite()
        assert 0 <= amount <= (MAX_COUNT if "free=" in conditions else MAX_PRICE)
        assert meter != "percent_off" or "contract=yes" in conditions


def check_contract(rows):
    """Fail unless every row names models by globs, if at all, and has rates."""
    for row in rows:
        assert all(is_glob(glob) for glob in row.get("models", ()))
        assert rates_of_row(row)
        check_rates(rates_of_row(row))


def check_ability(able):
    """Fail unless a capability is yes, no or has parameters."""
    assert able is True or able is False or type(able) is dict


def check_facts(facts):
    """Fail unless every value has exactly the type that its key promises."""
    for key, value in facts.items():
        assert type(value) is TYPES.get(MODEL_TABLE[key].kind, str)
        if type(value) is int:
            assert value >= 0
    check_pricing(facts.get("pricing", {}))
    check_rates(facts.get("rates", {}))
    for able in facts.get("capabilities", {}).values():
        check_ability(able)
    for side in facts.get("modalities", {}).values():
        assert all(type(word) is str for word in side)


def check_layer(layer):
    """Fail unless findings name file and line and all that is kept is typed."""
    for finding in layer.findings:
        assert finding.path == PATH
        assert finding.line >= 1
        assert finding.code in FINDING_CODES
        assert finding.message
        assert str(finding).startswith(f"{PATH}:{finding.line}: {finding.code}: ")
    check_contract(layer.provider.get("contract", ()))
    for model_id, facts in layer.models.items():
        assert is_model_id(model_id)
        assert layer.lines[model_id] >= 1
        check_facts(facts)
    if layer.models:
        assert is_provider_id(layer.provider["provider"])


def test_malformed_documents_give_findings():
    """No malformed document raises, and what is kept of it is typed and in bounds."""
    for data in documents(COUNT):
        layer = load_text(data, PATH)
        check_layer(layer)
        for finding in validate([layer], strict=True):
            assert finding.line >= 1


def test_every_trap_has_a_finding():
    """Each hand-made trap is either reported or one of the allowed spellings."""
    allowed = (b"1e3", b"3e-07", b"provider: no\n")
    for data in traps():
        layer = load_text(data, PATH)
        known_good = any(word in data for word in allowed)
        assert layer.findings or known_good, data[:80]


def test_no_trap_takes_long():
    """Deep nesting, long scalars and thousands of unknown keys stay quick."""
    for data in traps():
        began = time.perf_counter()
        load_text(data, PATH)
        assert time.perf_counter() - began < 2, data[:80]


@pytest.mark.parametrize("depth", [13, 101, 1000])
def test_deep_nesting_is_a_finding(depth):
    """Nesting beyond the bound gives a finding with its line, no recursion."""
    data = b"provider: acme\nmetadata: " + b"{a: " * depth + b"1" + b"}" * depth
    codes = [(finding.code, finding.line) for finding in load_text(data, PATH).findings]
    assert ("too_deep", 2) in codes
