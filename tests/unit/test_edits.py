"""Writing by hand: what each verb writes, refuses and restores."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogs import DAY
from modeldex.catalog.authoring.load import load_text
from modeldex.domain.change import OWN
from modeldex.errors import (
    InvalidInputError,
    ModeldexError,
    RevisionConflictError,
    UnknownModelError,
    UnknownRevisionError,
)
from modeldex.registry import Registry
from modeldex.usecases.catalog_file import read_own
from stored import ENTRIES, GPT, LATEST, MINI, SOURCES, WHY, Memory

D = Decimal


@pytest.fixture
def around() -> Memory:
    """Return where nothing was written yet."""
    return Memory(ENTRIES)


@pytest.fixture
def registry(around: Memory) -> Registry:
    """Return a registry over it."""
    return around.registry()


def test_nothing_is_written_before_the_first_edit(
    around: Memory, registry: Registry
) -> None:
    """Asking for the log, a dry run and a refused edit make no store."""
    assert registry.revisions.log() == []
    assert registry.revisions.head is None
    assert registry.revisions.verify() == []
    with pytest.raises(UnknownRevisionError, match="nothing was ever written"):
        registry.revisions.get(1)
    registry.edits.set(GPT, {"pricing.input": 2}, **WHY, dry_run=True)
    for bad in ({"pricing.inptu": 2}, {"pricing.input": "many"}):
        with pytest.raises(InvalidInputError):
            registry.edits.set(GPT, bad, **WHY, dry_run=True)
    assert around.made is None
    assert around.files == []


def test_the_first_edit_puts_the_shipped_catalogue_before_it(
    around: Memory, registry: Registry
) -> None:
    """Revision 1 holds what is shipped, revision 2 the edit, on top of it."""
    done = registry.edits.set(GPT, {"pricing.input": "2"}, **WHY, url="https://x.y")
    assert done.revision is not None
    assert done.revision.number == 2
    first, second = registry.revisions.log()[::-1]
    assert (first.source, first.author) == ("modeldex 0.0.test", "modeldex")
    assert first.count == len(ENTRIES)
    assert (second.author, second.reason, second.url) == (
        *("tester", "a reason"),
        "https://x.y",
    )
    found = registry.get_info(GPT)
    assert found.pricing.input == D(2)
    assert found.source_of("pricing.input") == "curated"
    assert found.source_of("pricing.output") == "litellm"
    assert found.sources["pricing.input"] == {
        "source": "curated",
        "by": "tester",
        "at": DAY,
        "because": "a reason",
        "url": "https://x.y",
    }
    assert registry.find_refs("input<2.4 input>0") == [GPT, LATEST]
    assert registry.get_pricing(LATEST) == found.pricing  # a pointer follows
    assert around.made is not None
    assert around.made.verify() == []


def test_another_process_sees_it_by_the_file(
    around: Memory, registry: Registry
) -> None:
    """What is published is what another process reads, without the store."""
    registry.edits.set(GPT, {"pricing.input": 2}, **WHY)
    registry.edits.disable("acme/m")
    registry.revisions.publish()
    other = around.registry()
    assert len(around.files) == 1
    assert other.get_pricing(GPT).input == D(2)  # type: ignore[union-attr]
    assert other.find_refs() == registry.find_refs()
    assert read_own(other.catalog.snapshot).keys() == {
        ("openai", "gpt-4o"),
        ("acme", "m"),
    }
    other.edits.enable("acme/m")
    assert [r.number for r in other.revisions.log()] == [4, 3, 2, 1]


SET = {
    "pricing.input": ("2", ("pricing.input", D(2))),
    "pricing": ("free", ("pricing.state", "free")),
    "capabilities.reasoning": ("{efforts: [low]}", ("", {"efforts": ["low"]})),
    "capabilities.vision": ("no", ("", False)),
    "context_window": ("64000", ("", 64_000)),
    "name": ("A: name # x", ("", "A: name # x")),
    "rates.input@contract=yes valid_from=2027-01-01": ("1.5", ("", D("1.5"))),
    "metadata.team": ("blue", ("metadata", {"team": "blue"})),
    "modalities.input": ("[text, image]", ("modalities", {"input": ["text", "image"]})),
    "status": ("preview", ("", "preview")),
}


@pytest.mark.parametrize("field", SET)
def test_a_field_is_set_as_yaml_would(registry: Registry, field: str) -> None:
    """Text on a command line is typed by the schema, and found again on top."""
    text, (name, value) = SET[field]
    done = registry.edits.set(GPT, {field: text}, **WHY)
    (change,) = done.plan.changes
    assert (change.layer, change.field) == (OWN, name or field)
    assert change.new is not None
    assert change.new.value == value
    assert done.plan.served


BAD = {
    ("pricing.inptu", "2"): "unknown_meter: 'inptu' is no meter; did you mean input?",
    ("pricing.input", "-1"): "bad_number",
    ("pricing.input", "2}, mode: {x"): "bad_number",
    ("context", "5"): "unknown_key: 'context' is not known",
    ("context_window", "128k"): "bad_number",
    ("status", "gone"): "bad_choice",
    ("sources", "x"): "sources is not set by hand",
    ("updated_at", "2026-01-01"): "updated_at is not set by hand",
    ("rates.input@when=now", "2"): "unknown_condition",
    ("name", "a\nb"): "no line of text",
    ("metadata", "{}"): "bad_shape",
    ("context_window", "128000"): "nothing would change",
    ("name", None): "None cannot be a fact",
    ("pricing.input", float("nan")): "nan cannot be a fact",
}


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_what_yaml_refuses_is_refused(
    around: Memory, registry: Registry, bad: tuple[str, Any]
) -> None:
    """The messages are those of the files; nothing becomes of the edit."""
    if bad[0] == "context_window" and bad[1] == "128000":
        registry.edits.set(GPT, {"context_window": 128_000}, **WHY)
    before = registry.revisions.head
    with pytest.raises(InvalidInputError) as caught:
        registry.edits.set(GPT, {bad[0]: bad[1]}, **WHY)
    assert BAD[bad] in str(caught.value)
    assert str(caught.value).startswith(GPT)
    if before is not None and around.made is not None:
        assert around.made.head() == before


def test_what_is_odd_is_told(registry: Registry) -> None:
    """A warning of the rules is a note, only where the edit brings it."""
    done = registry.edits.set(GPT, {"pricing.output": 1}, **WHY)
    assert done.plan.notes == (
        "output_below_input: gpt-4o: output 1 is cheaper than input 2.5",
    )
    assert registry.edits.set(GPT, {"name": "x"}, **WHY).plan.notes == ()


def test_a_reason_is_needed(registry: Registry) -> None:
    """To set and to pin are claims against sources; they say why."""
    for words in ({}, {"because": " "}):
        with pytest.raises(InvalidInputError, match="say why"):
            registry.edits.set(GPT, {"name": "x"}, **words)
        with pytest.raises(InvalidInputError, match="say why"):
            registry.edits.pin(GPT, ["name"], **words)


def test_prices_replace_as_layers_do(registry: Registry) -> None:
    """An amount takes the place of a state, a state that of all amounts."""
    registry.edits.set(GPT, {"pricing.input": 2, "pricing.cache_read": 1}, **WHY)
    registry.edits.set(GPT, {"pricing": "included"}, **WHY)
    assert registry.get_pricing(GPT).state == "included"  # type: ignore[union-attr]
    assert registry.get_pricing(GPT).input is None  # type: ignore[union-attr]
    registry.edits.set(GPT, {"pricing.input": 3}, **WHY)
    assert registry.get_pricing(GPT).amounts == {"input": D(3), "output": D(10)}  # type: ignore[union-attr]
    registry.edits.set(GPT, {"pricing": {"output": 9}}, **WHY)
    gone = registry.edits.unpin(GPT).plan.changes
    assert [change.field for change in gone] == ["pricing.output"]


def test_a_contract_of_some_days(registry: Registry) -> None:
    """A dated contract price holds from its day, in `cost` alone."""
    field = "rates.input@contract=yes valid_from=2026-07-01"
    registry.edits.set(GPT, {field: D("1.25")}, **WHY)
    usage = {"input": 1_000_000}
    assert registry.cost(GPT, usage, at="2026-07-01").total == D("1.25")
    assert registry.cost(GPT, usage, at="2026-06-30").total == D("2.5")
    assert registry.get_pricing(GPT).input == D("2.5")  # type: ignore[union-attr]


def test_a_contract_of_a_pointer(registry: Registry) -> None:
    """A pointer with a contract of its own still costs what its target costs."""
    field = "rates.input@contract=yes"
    done = registry.edits.set(LATEST, {field: 1}, **WHY)
    assert [(c.ref, c.field) for c in done.plan.served] == [(LATEST, field)]
    registry.edits.set(GPT, {"pricing.output": 20}, **WHY)
    found = registry.get_info(LATEST)
    assert found.pricing.amounts == {"input": D("2.5"), "output": D(20)}
    assert registry.cost(LATEST, {"input": 1_000_000}).total == 1
    assert found.source_of(field) == "curated"
    assert found.source_of("pricing.output") == "alias_of"


def test_add_and_remove(registry: Registry) -> None:
    """A model of one's own is found like any other, and goes as it came."""
    done = registry.edits.add("ours/tuned", {"name": "Tuned", "pricing": "free"})
    assert done.plan.notes == ("ours is a new provider",)
    assert registry.get_info("ours/tuned").source_of("name") == "curated"
    assert "ours" in registry.providers()
    assert "ours/tuned" in registry.find_refs("text:tuned")
    with pytest.raises(InvalidInputError, match="known already"):
        registry.edits.add("ours/tuned", {"name": "x"})
    with pytest.raises(InvalidInputError, match="added by hand"):
        registry.edits.unpin("ours/tuned")
    registry.edits.set("ours/tuned", {"context_window": 10}, **WHY)
    registry.edits.remove("ours/tuned")
    with pytest.raises(ModeldexError):
        registry.get_info("ours/tuned")
    assert "ours" not in registry.providers()
    for bad in ("Ours/x", "ours/-x", "ours"):
        with pytest.raises(InvalidInputError):
            registry.edits.add(bad, {"name": "x"})
    with pytest.raises(InvalidInputError, match="say something"):
        registry.edits.add("ours/x", {})


def test_only_what_was_added_is_removed(registry: Registry) -> None:
    """A model that sources tell of is disabled instead, as the message says."""
    with pytest.raises(InvalidInputError, match="edit disable acme/m"):
        registry.edits.remove("acme/m")
    with pytest.raises(UnknownModelError):
        registry.edits.remove("acme/x")


def test_pin_and_unpin(registry: Registry) -> None:
    """A pin keeps today's value with a reason, a whole group if asked."""
    done = registry.edits.pin(GPT, ["pricing", "capabilities.reasoning"], **WHY)
    changed = [(c.ref, c.field) for c in done.plan.served if c.kind != "source"]
    gone = "rates.input@valid_from=2027-01-01"  # it would end the pin
    assert changed == [(GPT, gone), (LATEST, gone)]
    found = registry.get_info(GPT)
    assert found.pricing.input == D("2.5")
    assert found.source_of("pricing.output") == "curated"
    with pytest.raises(InvalidInputError, match="nothing is known of license"):
        registry.edits.pin(GPT, ["license"], **WHY)
    registry.edits.unpin(GPT, ["pricing"])
    assert registry.get_info(GPT).source_of("pricing.output") == "litellm"
    assert registry.get_info(GPT).source_of("capabilities.reasoning") == "curated"
    registry.edits.unpin(GPT)
    with pytest.raises(InvalidInputError, match="nothing was written"):
        registry.edits.unpin(GPT, ["pricing"])
    with pytest.raises(InvalidInputError, match="nothing would change"):
        registry.edits.unpin(GPT)


def test_disable_and_enable(registry: Registry) -> None:
    """A disabled model is left out of find, not of get_info."""
    registry.edits.disable(MINI)
    assert MINI not in registry.find_refs()
    assert registry.find_refs("status:disabled") == [MINI]
    assert registry.get_info(MINI).status == "disabled"
    registry.edits.enable(MINI)
    assert MINI in registry.find_refs()
    with pytest.raises(InvalidInputError, match="was not disabled"):
        registry.edits.enable(MINI)


def test_compare_and_set(around: Memory, registry: Registry) -> None:
    """An edit that expects another revision, or shows another diff, is refused."""
    with pytest.raises(RevisionConflictError):
        registry.edits.set(GPT, {"name": "x"}, **WHY, expected=5)
    registry.edits.set(GPT, {"name": "x"}, **WHY, expected=0)
    other = around.registry()
    shown = other.edits.set(GPT, {"name": "z"}, **WHY, dry_run=True)
    registry.edits.set(GPT, {"name": "y"}, **WHY, expected=2)
    with pytest.raises(RevisionConflictError, match="look at it again"):
        other.edits.set(GPT, {"name": "z"}, **WHY, shown=shown)
    with pytest.raises(RevisionConflictError) as caught:
        other.edits.set(GPT, {"name": "z"}, **WHY, expected=2)
    assert caught.value.head == 3
    other.edits.set(GPT, {"context_window": 5}, **WHY)  # over what others wrote
    assert other.get_info(GPT).name == "y"


def test_yaml_lies_between(around: Memory) -> None:
    """A person's edit is over their YAML, which is over what is shipped."""
    text = "provider: openai\nmodels: {gpt-4o: {name: Mine, context_window: 5}}\n"
    around.layers = [load_text(text.encode(), "openai.yaml")]
    registry = around.registry()
    plan = registry.edits.set(GPT, {"name": "Hand"}, **WHY, dry_run=True).plan
    (change,) = plan.served
    assert change.new is not None
    assert change.new.value == "Hand"
    registry.edits.set(GPT, {"name": "Hand"}, **WHY)
    for found in (registry, around.registry()):
        assert found.get_info(GPT).name == "Hand"
        assert found.get_context_window(GPT) == 5
    with pytest.raises(InvalidInputError, match="not added by hand"):
        registry.edits.remove(GPT)
    registry.edits.unpin(GPT)
    assert registry.get_info(GPT).name == "Mine"


def test_a_contract_in_yaml_stays_in_the_preview(around: Memory) -> None:
    """What is served is compared with YAML's contract on both sides."""
    text = "provider: openai\ncontract: [{input: 1}]\nmodels: {}\n"
    around.layers = [load_text(text.encode(), "openai.yaml")]
    registry = around.registry()
    plan = registry.edits.set(GPT, {"name": "Hand"}, **WHY, dry_run=True).plan
    assert [change.field for change in plan.served] == ["name"]


def test_an_upgrade_is_a_revision_of_its_own(around: Memory) -> None:
    """A newer shipped catalogue goes in before the next edit; edits stay on top."""
    registry = around.registry()
    registry.edits.set(GPT, {"pricing.input": 2}, **WHY)
    registry.revisions.publish()
    entries = {key: dict(facts) for key, facts in ENTRIES.items()}
    entries["openai", "gpt-4o"] |= {"pricing": {"input": D(9), "output": D(9)}}
    entries["acme", "new"] = {"mode": "chat", "sources": SOURCES}
    del entries["acme", "m"]
    around.entries = entries
    registry = around.registry()
    registry.edits.set(MINI, {"name": "x"}, **WHY)
    numbers = [(r.number, r.source) for r in registry.revisions.log()]
    assert numbers[:2] == [(4, "edit"), (3, "modeldex 0.0.test")]
    kinds = {c.ref: c.kind for c in registry.revisions.changes(3)}
    assert kinds["acme/new"] == "appeared"
    assert kinds["acme/m"] == "missing"
    assert registry.get_pricing(GPT).amounts == {"input": D(2), "output": D(9)}  # type: ignore[union-attr]
    assert {"acme/m", "acme/new"} <= set(registry.find_refs())  # nothing is lost
    registry.revisions.publish()
    around.registry().edits.set(MINI, {"name": "y"}, **WHY)
    assert len(registry.revisions.log()) == 5  # no second baseline
    around.entries = ENTRIES
    registry = around.registry()
    registry.edits.set(MINI, {"name": "z"}, **WHY)
    kinds = {c.ref: c.kind for c in registry.revisions.changes(6) if not c.field}
    assert kinds == {"acme/m": "returned", "acme/new": "missing"}


def test_diff_and_rollback(registry: Registry) -> None:
    """Between any two revisions, and back by a new one."""
    registry.edits.set(GPT, {"pricing.input": 2}, **WHY)
    registry.edits.set(GPT, {"pricing.input": 3, "name": "x"}, **WHY)
    registry.edits.add("ours/m", {"name": "m"})
    found = registry.revisions.diff(2, 3)
    assert [(c.field, c.old and c.old.value) for c in found] == [
        ("name", None),
        ("pricing.input", D(2)),
    ]
    back = [(c.ref, c.field, c.kind) for c in registry.revisions.diff(4, 2)]
    assert back == [
        (GPT, "name", "change"),
        (GPT, "pricing.input", "change"),
        ("ours/m", "", "removed"),
    ]
    assert registry.revisions.diff(2, 2) == []
    changes, revision = registry.revisions.rollback()
    assert revision is not None
    assert (revision.number, revision.source) == (5, "rollback")
    assert [c.ref for c in changes] == ["ours/m"]
    registry.revisions.rollback(1, because="all wrong")
    assert registry.get_info(GPT).pricing.input == D("2.5")
    assert registry.revisions.log(1)[0].reason == "all wrong"
    with pytest.raises(InvalidInputError, match="as it was at revision 1"):
        registry.revisions.rollback(1)
    with pytest.raises(InvalidInputError, match="nothing is before it"):
        registry.revisions.rollback(0)
    with pytest.raises(UnknownRevisionError):
        registry.revisions.rollback(99)
    with pytest.raises(UnknownRevisionError):
        registry.revisions.diff(1, 99)


def test_a_catalogue_at_a_path_is_not_written_to() -> None:
    """Its truth is the path; the message says so."""
    registry = Registry(lambda _why: Memory(ENTRIES).registry().catalog)
    with pytest.raises(InvalidInputError, match="opened at a path"):
        _ = registry.edits


def test_who_is_second_edits_over_what_the_first_one_wrote(
    around: Memory, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit that another one overtakes is planned again once, in its turn."""
    registry.edits.set(GPT, {"pricing.input": 2}, **WHY)
    other, store = around.registry(), around.made
    assert store is not None
    commit, tries = store.commit, []

    def overtaken(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(store, "commit", counted)
        other.edits.set(GPT, {"pricing.input": 3}, **WHY)
        return counted(*arguments, **more)

    def counted(*arguments: Any, **more: Any) -> Any:
        tries.append(arguments)
        return commit(*arguments, **more)

    monkeypatch.setattr(store, "commit", overtaken)
    done = registry.edits.set(GPT, {"pricing.input": 4}, **WHY)
    assert done.revision is not None
    assert (done.revision.number, len(tries)) == (4, 3)
    assert registry.get_info(GPT).pricing.input == D(4)
    (last,) = (c for n, c in store.changes(3) if n == 4)
    assert last.old is not None
    assert last.old.value == D(3)
