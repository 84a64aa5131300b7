"""The views for people who know SQL: what they show is what is asked elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from drafts import AT, draft, facts, step, whole
from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.facts import nested_facts
from modeldex.catalog.query import Query
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import OWN, Change, Fact
from modeldex.stores import open_store
from postgres import new_store_url
from store_models import appearing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from modeldex.stores.store import SqlStore

MODELS = 50_000
QUESTION = (
    "vision min_context:100k max_input:5 input>0 mode:chat status:active "
    "sort:input limit:10"
)
SQL = """
SELECT ref FROM current_models
WHERE abilities ? 'vision' AND context_window >= 100000
  AND input_price > 0 AND input_price <= 5 AND mode = 'chat' AND status = 'active'
ORDER BY input_price, output_price, ref COLLATE "C" LIMIT 10
"""
SQLITE = SQL.replace(
    "abilities ? 'vision'", "'vision' IN (SELECT value FROM json_each(abilities))"
).replace('COLLATE "C"', "")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Return a new store."""
    is_file = request.param == "sqlite"
    made = open_store(
        f"sqlite:///{tmp_path / 'store.db'}" if is_file else new_store_url()
    )
    yield made
    made.close()


def ask(store: SqlStore, sql: str) -> list[dict[str, Any]]:
    """Ask as somebody would who has no modeldex."""
    if not store.database.path:
        with store.database.reading() as connection:
            return [dict(row) for row in connection.execute(text(sql)).mappings()]
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(store.database.path)) as raw:
        raw.row_factory = sqlite3.Row
        return [dict(row) for row in raw.execute(sql)]


def catalog_of(changes: Iterable[Change], today: str = AT[:10]) -> Catalog:
    """Compile models that appear."""
    rows = [
        encode(change.provider, change.model, nested_facts(change.new.value))
        for change in changes
        if change.new is not None
    ]
    providers = {columns[0]: {"name": columns[0]} for columns in rows}
    snapshot = memory_snapshot(compile_snapshot(rows, providers, {"date": today}))
    return Catalog(snapshot, lambda: today)


def found(catalog: Catalog) -> list[str]:
    """Return what `find` answers to the question."""
    return [catalog.index.refs[row] for row in catalog.rows(Query.parse(QUESTION))]


def test_the_question_of_the_demo_on_postgres() -> None:
    """At 50,000 models an index answers it, as `find` does."""
    store = open_store(new_store_url())
    models = [with_dates(n, change) for n, change in enumerate(appearing(MODELS))]
    store.commit(draft(*models))
    with store.database.engine.begin() as connection:
        connection.execute(text("ANALYZE model"))
    plan = "\n".join(str(row["QUERY PLAN"]) for row in ask(store, f"EXPLAIN {SQL}"))
    assert "Index" in plan
    assert "Seq Scan" not in plan
    answers = [row["ref"] for row in ask(store, SQL)]
    assert len(answers) == 10
    assert answers == found(catalog_of(models, day(0)))
    store.close()


def test_the_question_of_the_demo(store: SqlStore) -> None:
    """On a small scale, in both databases."""
    models = appearing(600)
    store.commit(draft(*models))
    sql = SQLITE if store.database.path else SQL
    assert [row["ref"] for row in ask(store, sql)] == found(catalog_of(models))


def test_what_lies_on_top_is_what_is_searched(store: SqlStore) -> None:
    """Own facts are over those of sources, and a pointer costs what its target does."""
    store.commit(
        draft(
            whole("one", pricing__input=Decimal("2.5"), context_window=8),
            whole("latest", alias_of="one"),
            whole("free", pricing__state="free", capabilities__reasoning={"a": 1}),
            whole("gone", deprecation_date="2020-01-01"),
        )
    )
    own = Fact(Decimal(2), {"source": "curated"})
    store.commit(draft(Change("acme", "one", "pricing.input", None, own, layer=OWN)))
    rows = {row["model"]: row for row in ask(store, "SELECT * FROM current_models")}
    prices = {name: row["input_price"] for name, row in rows.items()}
    assert prices == {"one": 2, "latest": 2, "free": 0, "gone": None}
    assert rows["one"]["context_window"] == 8
    assert rows["gone"]["status"] == "retired"
    assert rows["one"]["status"] == "active"
    assert "reasoning" in rows["free"]["abilities"]
    assert store.verify() == []


def day(later: int) -> str:
    """Return a day so many days from today, in UTC."""
    return (datetime.now(UTC).date() + timedelta(later)).isoformat()


def prices_of(store: SqlStore) -> dict[str, tuple[Any, Any]]:
    """Return the input and output price of each model, as SQL tells them today."""
    rows = ask(store, "SELECT model, input_price, output_price FROM current_models")
    names = ("input_price", "output_price")
    return {r["model"]: tuple(_amount(r[name]) for name in names) for r in rows}


def test_a_dated_price_comes_into_force(store: SqlStore) -> None:
    """The view has the price of the day on which it is asked, of pointers too."""
    past, ahead = f"@valid_from={day(-1)}", f"@valid_from={day(1)}"
    over = f"@valid_to={day(0)}"  # the day that it ends before
    said = {"pricing__input": Decimal(4), "pricing__output": Decimal(8)}
    rates = {f"rates__input{past}": Decimal(3), f"rates__input{ahead}": Decimal(2)}
    store.commit(
        draft(
            whole("latest", alias_of="falls"),
            whole("falls", **said, **rates),
            whole("begins", **{f"rates__output{past}": Decimal(1)}),
            whole("ended", **said, **{f"rates__input{over}": Decimal(1)}),
            whole("batch", **said, **{f"rates__input{past} service_tier=batch": 1}),
            whole("free", pricing__state="free", **rates),
            whole("plain", **said),
        )
    )
    four, eight = Decimal(4), Decimal(8)
    assert prices_of(store) == {
        "latest": (Decimal(3), eight),
        "falls": (Decimal(3), eight),
        "begins": (None, Decimal(1)),
        "ended": (four, eight),
        "batch": (four, eight),
        "free": (Decimal(0), Decimal(0)),
        "plain": (four, eight),
    }
    own = Fact(Decimal(7), {"source": "curated"})
    store.commit(draft(Change("acme", "falls", "pricing.input", None, own, layer=OWN)))
    found = prices_of(store)  # what people write holds on every day
    assert found["latest"] == found["falls"] == (Decimal(7), eight)
    assert store.verify() == []


def test_dated_prices_are_those_that_find_asks(store: SqlStore) -> None:
    """A twelfth of the models have dated prices; SQL and `find` order all alike."""
    models = [with_dates(n, change) for n, change in enumerate(appearing(600))]
    store.commit(draft(*models))
    sql = SQLITE if store.database.path else SQL
    assert [row["ref"] for row in ask(store, sql)] == found(catalog_of(models, day(0)))


def with_dates(number: int, change: Change) -> Change:
    """Return a model that appears, some with cheaper days before, now or to come."""
    assert change.new is not None
    facts = dict(change.new.value)
    if number % 12 == 0:
        begin = day(number % 7 - 3)
        amount = Decimal(number % 97) / 1000
        facts[f"rates.input@valid_from={begin}"] = Fact(amount, "models.dev")
    key = (change.provider, change.model, "", None, Fact(facts))
    return Change(*key, kind="appeared", observed_at=AT)


def test_histories(store: SqlStore) -> None:
    """Each price and ability has a row per change, those of new models too."""
    store.commit(draft(whole(pricing__input=Decimal("2.5"), capabilities__vision=True)))
    price = Change(
        "acme",
        "one",
        "pricing.input",
        Fact(Decimal("2.5"), "models.dev"),
        Fact(Decimal("0.000001"), "litellm"),
        observed_at=AT,
        effective_at="2026-12-01",
    )
    state = Change("acme", "one", "pricing.state", None, Fact("free", "x"))
    ability = Change(
        "acme", "one", "capabilities.vision", Fact(True, "models.dev"), Fact(False, "x")
    )
    store.commit(draft(price, state, ability, step(None, 1)))
    prices = ask(store, "SELECT * FROM price_history ORDER BY revision")
    shown = [(r["revision"], r["field"], r["old"], r["new"]) for r in prices]
    amounts = [(*one[:2], *map(_amount, one[2:])) for one in shown]
    assert amounts == [
        (1, "pricing.input", None, Decimal("2.5")),
        (2, "pricing.input", Decimal("2.5"), Decimal("0.000001")),
    ]
    assert prices[1]["source"] == "litellm"
    assert prices[1]["effective_at"] == "2026-12-01"
    assert prices[1]["author"] == "ada"
    abilities = ask(store, "SELECT * FROM capability_history ORDER BY revision")
    shown = [(r["revision"], r["capability"], r["old"], r["new"]) for r in abilities]
    assert shown == [(1, "vision", None, "yes"), (2, "vision", "yes", "no")]
    gone = Change("acme", "one", "", Fact(_all(store)), None, kind="removed")
    store.commit(draft(gone))
    last = ask(store, "SELECT * FROM capability_history ORDER BY revision")[-1]
    assert (last["old"], last["new"], last["kind"]) == ("no", None, "removed")


def _all(store: SqlStore) -> Any:
    return store.state()["catalog", "acme", "one"]


def _amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()


def test_facts_of_drafts_have_names() -> None:
    """The drafts of these tests spell fields as the catalogue does."""
    assert facts(pricing__input=1).keys() == {"pricing.input"}
