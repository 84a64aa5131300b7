"""Rewritings of an id at a provider: each a written rule, each one step.

A rule takes the catalogue's spellings, a provider and an id, and gives what the id
may be there. Whether that exists is for `resolve` to see.
"""

from __future__ import annotations

import re

from modeldex.catalog.identity.aliases import PINNED
from modeldex.catalog.identity.spellings import DATE, versions_dashed
from modeldex.catalog.identity.tables import (
    ACCOUNT_PATHS,
    AWS_REGION,
    AZURE,
    AZURE_REGION,
    LATEST_OF_NAME,
    MOVING,
    OLLAMA,
    REGIONS,
    ROUTERS,
    ROUTES,
    SERVING_ROUTES,
    VARIANTS,
    VERTEX,
)
from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modeldex.catalog.identity.spellings import Spellings

    Rule = Callable[[Spellings, str, str], Iterator["Step"]]

_BASE_FACTS = "the facts are those of {}; price unknown: "
_PINNED = {
    (provider, versions_dashed(model_id)): other
    for (provider, model_id), other in PINNED.items()
}
# a version of a name, of which there is no latest: `-0309`, `-latest`
_NO_NAME = re.compile(r"-(?:\d{4}|latest)(?:-|$)")
# parts of ft:base and of ft:base:organisation:name:id
_LEAST_PARTS, _MOST_PARTS = 2, 5


class Step(Value):
    """One rewriting: the id it gives, the rule, what was done, what to know.

    A step that took a date off says which (`undated`): any other step that leads to
    a listed id goes before it.
    """

    __slots__ = ("model_id", "note", "price_applies", "rule", "said", "undated")
    model_id: str
    rule: str
    said: str
    note: str
    price_applies: bool
    undated: str

    def __init__(  # noqa: PLR0913 - the parts of a value
        self,
        model_id: str,
        rule: str,
        said: str,
        note: str = "",
        *,
        price_applies: bool = True,
        undated: str = "",
    ) -> None:
        set_slot(self, "model_id", model_id)
        set_slot(self, "rule", rule)
        set_slot(self, "said", said)
        set_slot(self, "note", note)
        set_slot(self, "price_applies", price_applies)
        set_slot(self, "undated", undated)


def _unpriced(base: str, why: str) -> str:
    return _BASE_FACTS.format(base) + why


def _region(_names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    """Bedrock's `us.` before an id, and a region or a route as a path before it."""
    if provider == "amazon-bedrock":
        region, dot, base = model_id.partition(".")
        if dot and region in REGIONS:
            note = _unpriced(base, f"what {region} adds is not listed")
            said = f"region {region} taken off"
            yield Step(base, "region_prefix", said, note, price_applies=False)
    head, slash, base = model_id.partition("/")
    if not slash:
        return
    if head in ROUTES.get(provider, ()):
        yield Step(base, "region_prefix", f"route {head} taken off")
    elif (provider == "amazon-bedrock" and AWS_REGION.fullmatch(head)) or (
        provider in AZURE and AZURE_REGION.fullmatch(head)
    ):
        note = _unpriced(base, f"what {head} adds is not listed")
        said = f"region {head} taken off"
        yield Step(base, "region_prefix", said, note, price_applies=False)


def _mark(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    """Take off a router's variant, or who serves it at a hub, behind a listed id."""
    base, _, mark = model_id.rpartition(":")
    if base not in names.ids(provider):
        return
    if provider in ROUTERS and mark in VARIANTS:
        rule, what = "router_variant", f"variant :{mark}"
        why = f"{what} {VARIANTS[mark]}"
    elif provider == "huggingface" and mark in SERVING_ROUTES:
        rule, what = "serving_route", f"route :{mark}"
        why = f"what {mark} charges is not listed"
    else:
        return
    note = _unpriced(base, why)
    yield Step(base, rule, f"{what} taken off", note, price_applies=False)


def _tag(_names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    base, _, tag = model_id.rpartition(":")
    if provider in OLLAMA and base and tag == "latest":
        yield Step(base, "default_tag", "tag :latest taken off")


def _deployment(_names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    for written, meant in (("gpt-35-", "gpt-3.5-"), ("gpt-3.5-", "gpt-35-")):
        if provider in AZURE and model_id.startswith(written):
            base = meant + model_id.removeprefix(written)
            said = f"{written}… read as {meant}…"
            yield Step(base, "azure_deployment", said)


def _fine_tune(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    """`ft:base:organisation:name:id`: the listed `ft:base`, else the base's facts."""
    parts = model_id.split(":")
    if parts[0] != "ft" or not _LEAST_PARTS <= len(parts) <= _MOST_PARTS:
        return
    base = parts[1]
    listed = f"ft:{base}"
    if listed in names.ids(provider):
        yield Step(listed, "fine_tune", f"fine-tune read as the listed {listed}")
    elif base in names.ids(provider):
        note = _unpriced(base, "fine-tuned model unless listed")
        said = f"fine-tune read as its base {base}"
        yield Step(base, "fine_tune", said, note, price_applies=False)


def _pinned(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    """Give the other id of a pinned model, however its version is punctuated."""
    base = _PINNED.get((provider, versions_dashed(model_id)))
    if base and not names.versioned(provider, model_id):
        said = f"{model_id} and {base} are one model, by {provider}'s documentation"
        yield Step(base, "rolling_alias", said)


def _latest(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    base, mark, _ = model_id.rpartition("-latest")
    is_name = model_id == base + mark and not _NO_NAME.search(base)
    if provider in LATEST_OF_NAME and mark and is_name and not names.dates(base):
        yield Step(base, "rolling_alias", f"{provider} answers to {base} for it")


def _vertex_default(_names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    base, mark, version = model_id.partition("@")
    if provider in VERTEX and version == "default":
        yield Step(base, "vertex_date", "@default taken off")
    elif provider in VERTEX and not mark:
        yield Step(f"{model_id}@default", "vertex_date", "@default added")


def _date(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    """Spell a date otherwise; leave it out where nobody lists another date."""
    found = DATE.fullmatch(model_id)
    if not found:
        return
    base, rest = found["base"], found["rest"]
    parts = found["year"], found["month"], found["day"]
    compact = "".join(parts)
    at_vertex = provider in VERTEX
    for mark, day in (("-", "-".join(parts)), ("-", compact), ("@", compact)):
        other = f"{base}{mark}{day}{rest}"
        if other != model_id:
            rule = "vertex_date" if "@" in (mark, found["mark"]) else "date_suffix"
            yield Step(other, rule, f"date written {mark}{day}")
    others = names.dates(base) - {compact}
    is_name = ":" not in base and not DATE.fullmatch(base)
    if is_name and not rest and not others and provider not in MOVING:
        said = f"date {'-'.join(parts)} taken off: no other date of {base} is listed"
        rule = "vertex_date" if at_vertex else "date_suffix"
        yield Step(base, rule, said, undated="-".join(parts))


def _account_path(_names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    for path in ACCOUNT_PATHS.get(provider, ()):
        if "/" not in model_id:
            yield Step(path + model_id, "account_path", f"path {path} added")


def _case(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    for other in names.folded(provider, model_id):
        if other != model_id:
            yield Step(other, "case", f"case changed to {other}")


def _version(names: Spellings, provider: str, model_id: str) -> Iterator[Step]:
    for other in names.versioned(provider, model_id):
        if other != model_id and other.lower() != model_id.lower():
            yield Step(other, "version_punctuation", f"version written as in {other}")


RULES: tuple[Rule, ...] = (
    _pinned,
    _region,
    _fine_tune,
    _mark,
    _tag,
    _account_path,
    _vertex_default,
    _latest,
    _date,
    _case,
    _version,
)
# what may follow another step: spelling alone
SECOND_RULES: tuple[Rule, ...] = (_pinned, _date, _case, _version, _vertex_default)
# what no other step may follow
LAST = frozenset(("fine_tune", "rolling_alias"))
# at Azure a name is what its user gave to a deployment
AZURE_RULES: tuple[Rule, ...] = (_region, _deployment, _case)


def rewritings(
    names: Spellings, provider: str, model_id: str, first: Step | None = None
) -> Iterator[Step]:
    """Yield what an id may be at a provider by one step, or by one more step."""
    rules = RULES if first is None else SECOND_RULES
    if provider in AZURE:
        rules = AZURE_RULES
    elif first is not None and first.rule in LAST:
        return
    for rule in rules:
        for step in rule(names, provider, model_id):
            if first is None or step.rule != first.rule:
                yield step
