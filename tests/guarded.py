"""A small market, and a case per rule of the guards: only that rule holds it."""

from __future__ import annotations

from decimal import Decimal

from modeldex.domain.change import CATALOG, Change, Fact, diff
from modeldex.usecases.guard import Market, changed_fields, judge, released

REF = ("acme", "m-2")
URL = "https://api.acme.test/v1"


def facts(source="litellm", **fields):
    """Return flat facts; `input=2` is a price, other names are fields, _ is a dot."""
    found = {}
    for name, value in fields.items():
        field = name.replace("__", ".")
        is_word = field in ("pricing.state", "pricing.currency")
        is_amount = field.startswith(("pricing.", "rates.")) and not is_word
        found[field] = Fact(Decimal(value) if is_amount else value, source)
    return found


def priced(taken, given, **rest):
    """Return the facts of a model that costs so much for prompt and answer."""
    return facts(pricing__input=taken, pricing__output=given, **rest)


# what is accepted: m-1 at five providers, and four more models of acme
STATE = {
    **{
        (CATALOG, provider, "m-1"): priced("2", "8", canonical="acme/m-1")
        for provider in ("one", "two", "three", "four")
    },
    **{
        (CATALOG, "acme", f"other-{n}"): priced("1", "4", canonical=f"acme/other-{n}")
        for n in range(4)
    },
    (CATALOG, "acme", "m-1"): priced("2", "8", canonical="acme/m-1", base_url=URL),
}


def market():
    """Return the market of what is accepted."""
    return Market.of_state(STATE)


def held(before, after, ref=REF, claims=None, rules=None, field=None):
    """Return the rules that hold a change, but for those that sources overrule."""
    key = (CATALOG, *ref)
    sides = [{} if side is None else {key: side} for side in (before, after)]
    if before is None:
        changes = [Change(*ref, "", None, Fact(after), kind="appeared")]
    else:
        changes = list(diff(*sides))
    more = {} if rules is None else {"rules": rules}
    found = judge(changes, before, after, market(), **more)
    values = changed_fields(changes)
    return {
        doubt.rule
        for name, doubts in found.items()
        if field in (None, name) and not released(doubts, values[name][1], claims or {})
        for doubt in doubts
    }


TWO = {"litellm": Decimal(200), "models.dev": Decimal(200)}
ABLE = {f"capabilities__c{n}": True for n in range(4)}
UNABLE = {f"capabilities__c{n}": False for n in range(3)} | {"capabilities__c3": True}
LIMIT = {"context_window": 1_048_576}
SIDES = {"input": ["text", "image"], "output": ["text"]}

# rule -> facts before and after of acme/m-2, and what else `held` takes
CASES = {
    "price_jump": (facts(pricing__searches="0.01"), facts(pricing__searches="0.2"), {}),
    "unit_suspect": (
        facts(pricing__input="2"),
        facts(pricing__input="200"),
        # two sources release the jump, but not a slip of units
        {"claims": TWO, "ref": ("new", "m")},
    ),
    "magnitude": (None, facts(pricing__input="1001"), {"ref": ("new", "m")}),
    "sibling": (
        None,
        facts(pricing__input="70", canonical="acme/m-1"),
        {"ref": ("new", "m-1")},
    ),
    "provider_median": (None, facts(pricing__input="120"), {}),
    "relative": (
        None,
        priced("2", "0.05"),
        {"ref": ("new", "m")},
    ),
    "zero_against_price": (priced("2", "8"), priced("2", "0"), {}),
    "price_state": (priced("2", "8"), facts(pricing__state="included"), {}),
    "currency": (priced("2", "8"), priced("2", "8", pricing__currency="CNY"), {}),
    "context_halved": (facts(**LIMIT), facts(context_window=8_192), {}),
    "context_grown": (facts(context_window=8_192), facts(**LIMIT), {}),
    "mode_flip": (facts(), facts(mode="embedding"), {}),
    "address": (facts(base_url=URL), facts(base_url="https://elsewhere.test/v1"), {}),
    "revived": (facts(status="retired"), facts(name="m"), {}),
    "ability_loss": (facts(**ABLE), facts(**UNABLE), {}),
    "modality_loss": (
        facts(modalities=SIDES),
        facts(modalities={"input": ["text"], "output": ["text"]}),
        {},
    ),
    "confusable": (None, facts(), {"ref": ("acme", "m_l")}),
}
