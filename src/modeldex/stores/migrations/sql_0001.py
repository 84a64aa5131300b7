"""Triggers and views of version 0001, as each database writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = ("revision", "change", "claim")
_REFUSAL = "history only grows: rows of {table} are neither changed nor deleted"
# providers whose dates of an end say "at the earliest", see domain.lifecycle
_LAUNCH_DATED = (
    "'anthropic', 'azure', 'google', 'google-vertex', 'google-vertex-anthropic'"
)
_DAYS = {  # kind -> today, and the day until which an end is near
    "sqlite": ("date('now')", "date('now', '+90 days')"),
    "postgresql": (
        "to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD')",
        "to_char((now() AT TIME ZONE 'utc') + interval '90 days', 'YYYY-MM-DD')",
    ),
}
# an index answers a price bound for those that have one price; the others are few
_CURRENT = """
CREATE VIEW current_models AS
{one_price}
UNION ALL
{dated}
"""
_MODELS = """SELECT provider, model, provider || '/' || model AS ref, name, canonical,
  alias_of, family, mode,
  CASE
    WHEN flag = 'disabled' THEN flag
    WHEN flag = 'retired' OR deprecation_date <= {today} THEN 'retired'
    WHEN flag = 'deprecated' OR deprecation_date IS NOT NULL
      AND (provider NOT IN ({launch_dated}) OR deprecation_date <= {near})
      THEN 'deprecated'
    ELSE coalesce(flag, 'active')
  END AS status,
  context_window, max_input_tokens, max_output_tokens, {input} AS input_price,
  {output} AS output_price, release_date, deprecation_date, capabilities, abilities,
  metadata, facts, own, revision
FROM model WHERE dated IS {null}"""
_TODAYS = {
    "sqlite": """(SELECT CAST(json_extract(s.value, '$[{place}]') AS NUMERIC)
    FROM json_each(dated) AS s WHERE json_extract(s.value, '$[0]') <= {today}
    AND {today} < json_extract(s.value, '$[1]'))""",
    "postgresql": """(SELECT (s.value ->> {place})::numeric
    FROM jsonb_array_elements(dated) AS s WHERE s.value ->> 0 <= {today} COLLATE "C"
    AND {today} COLLATE "C" < s.value ->> 1)""",
}
# every change field by field: those of whole models have one row per fact
_FACTS = {
    "sqlite": """
SELECT c.revision, c.position, c.layer, c.provider, c.model, c.field, c.kind,
  json_extract(c.old, '$[0]') AS old, json_extract(c.new, '$[0]') AS new,
  json_extract(coalesce(c.new, c.old), '$[1]') AS source,
  c.observed_at, c.effective_at
FROM change AS c WHERE c.field LIKE '{like}'
UNION ALL
SELECT c.revision, c.position, c.layer, c.provider, c.model, f.key, c.kind,
  CASE WHEN c.new IS NULL THEN json_extract(f.value, '$[0]') END,
  CASE WHEN c.new IS NOT NULL THEN json_extract(f.value, '$[0]') END,
  json_extract(f.value, '$[1]'), c.observed_at, c.effective_at
FROM change AS c, json_each(coalesce(c.new, c.old), '$[0]') AS f
WHERE c.field = '' AND coalesce(c.new, c.old) IS NOT NULL AND f.key LIKE '{like}'
""",
    "postgresql": """
SELECT c.revision, c.position, c.layer, c.provider, c.model, c.field, c.kind,
  c.old::jsonb -> 0 AS old, c.new::jsonb -> 0 AS new,
  coalesce(c.new, c.old)::jsonb ->> 1 AS source,
  c.observed_at, c.effective_at
FROM change AS c WHERE c.field LIKE '{like}'
UNION ALL
SELECT c.revision, c.position, c.layer, c.provider, c.model, f.key, c.kind,
  CASE WHEN c.new IS NULL THEN f.value -> 0 END,
  CASE WHEN c.new IS NOT NULL THEN f.value -> 0 END,
  f.value ->> 1, c.observed_at, c.effective_at
FROM change AS c, jsonb_each(coalesce(c.new, c.old)::jsonb -> 0) AS f
WHERE c.field = '' AND coalesce(c.new, c.old) IS NOT NULL AND f.key LIKE '{like}'
""",
}
_AMOUNT = {
    "sqlite": "CAST(h.{side} AS NUMERIC)",
    "postgresql": "(h.{side} #>> '{{}}')::numeric",
}
_PRICES = """
CREATE VIEW price_history AS
SELECT h.revision, r.at, h.provider, h.model, h.provider || '/' || h.model AS ref,
  h.layer, h.field, h.kind, {old} AS old, {new} AS new, h.source,
  h.observed_at, h.effective_at, r.author, r.reason
FROM ({pricing} UNION ALL {rates}) AS h JOIN revision AS r ON r.number = h.revision
WHERE h.field NOT IN ('pricing.state', 'pricing.currency')
"""
# yes with parameters is a yes
_YES_NO = {
    "sqlite": "CASE WHEN h.{side} IS NULL THEN NULL "
    "WHEN h.{side} IN (0, 'false', 'no') THEN 'no' ELSE 'yes' END",
    "postgresql": "CASE WHEN h.{side} IS NULL OR h.{side} = 'null' THEN NULL "
    "WHEN h.{side} = 'false' THEN 'no' ELSE 'yes' END",
}
_ABILITIES = """
CREATE VIEW capability_history AS
SELECT h.revision, r.at, h.provider, h.model, h.provider || '/' || h.model AS ref,
  h.layer, substr(h.field, 14) AS capability, h.kind, {old} AS old, {new} AS new,
  h.source, h.observed_at, h.effective_at, r.author, r.reason
FROM ({facts}) AS h JOIN revision AS r ON r.number = h.revision
"""


def statements(kind: str) -> Iterator[str]:
    """Yield the statements for a kind of database, in their order."""
    yield from _append_only_postgres() if kind == "postgresql" else _append_only()
    yield _current(kind)
    facts, amount, word = _FACTS[kind], _AMOUNT[kind], _YES_NO[kind]
    yield _PRICES.format(
        old=amount.format(side="old"),
        new=amount.format(side="new"),
        pricing=facts.format(like="pricing.%"),
        rates=facts.format(like="rates.%"),
    )
    yield _ABILITIES.format(
        old=word.format(side="old"),
        new=word.format(side="new"),
        facts=facts.format(like="capabilities.%"),
    )


def _current(kind: str) -> str:
    today, near = _DAYS[kind]
    common = {"today": today, "near": near, "launch_dated": _LAUNCH_DATED}
    todays = _TODAYS[kind]
    one = {"input": "input_price", "output": "output_price", "null": "NULL"}
    dated = {
        "input": todays.format(place=2, today=today),
        "output": todays.format(place=3, today=today),
        "null": "NOT NULL",
    }
    return _CURRENT.format(
        one_price=_MODELS.format(**common, **one),
        dated=_MODELS.format(**common, **dated),
    )


def _append_only() -> Iterator[str]:
    for table in _TABLES:
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL.format(table=table)}'); END"
            )


def _append_only_postgres() -> Iterator[str]:
    refusal = _REFUSAL.format(table="%")
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{refusal}', TG_TABLE_NAME; END $$"
    )
    for table in _TABLES:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
