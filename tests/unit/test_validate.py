"""Rules across fields and files."""

from __future__ import annotations

import pytest

from modeldex.catalog.authoring.layer import ERROR, FINDING_CODES, WARNING
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.validate import (
    LAYER_RULES,
    MODEL_RULES,
    PSEUDO_RULE,
    validate,
)

GOOD = """\
provider: acme
kind: first_party
default_model: a
models:
  a:
    context_window: 100
    max_output_tokens: 10
    pricing: {input: 1, output: 2}
    release_date: 2026-02-01
    knowledge_cutoff: 2026-02
    deprecation_date: 2027-01-01
    sources: {"*": litellm}
  b:
    mode: embedding
    pricing: free
    sources: {"*": litellm}
"""


def findings(text, path="acme.yaml", *, strict=False):
    """Return (code, line, severity) of everything that is wrong with one file."""
    layer = load_text(text.encode(), path)
    return [(f.code, f.line, f.severity) for f in validate([layer], strict=strict)]


def test_a_good_file_has_no_findings():
    """Neither severity finds anything in a well-made file."""
    assert findings(GOOD) == []
    assert findings(GOOD, strict=True) == []


BREACHES = [
    ("context_window: 100", "alias_of: a", "missing_target", 6, ERROR),
    ("default_model: a", "default_model: c", "missing_default", 3, ERROR),
    ("default_model: a", "default_model: b", "default_not_chat", 3, ERROR),
    ("max_output_tokens: 10", "max_output_tokens: 101", "limit_order", 7, WARNING),
    ("max_output_tokens: 10", "max_input_tokens: 101", "limit_order", 7, WARNING),
    ("context_window: 100", "context_window: 0", "zero_limit", 6, WARNING),
    (
        "{input: 1, output: 2}",
        "{input: 2, output: 1}",
        "output_below_input",
        8,
        WARNING,
    ),
    ("{input: 1, output: 2}", "{input: 1, output: 20000}", "high_price", 8, WARNING),
    ("{input: 1, output: 2}", "{input: 0, output: 0.0}", "zero_price", 8, ERROR),
    ("{input: 1, output: 2}", "{state: free, input: 1}", "state_conflict", 8, WARNING),
    ("{input: 1, output: 2}", "included", "state_conflict", 8, WARNING),
    ("2027-01-01", "2026-01-01", "date_order", 11, WARNING),
    ("2026-02\n", "2026-03\n", "date_order", 10, WARNING),
    ("  b:", "  eu/1024-x-1024/b:", "pseudo_model", 13, ERROR),
    ("  b:", "  us-east-1/b:", "pseudo_model", 13, ERROR),
    ("  b:", "  1-month-commitment/b:", "pseudo_model", 13, ERROR),
    ("  b:", "  x-up-to-4b:", "pseudo_model", 13, ERROR),
    ("provider: acme", "provider: other", "stem_mismatch", 1, ERROR),
]


@pytest.mark.parametrize(("good", "bad", "code", "line", "severity"), BREACHES)
def test_a_breach_is_a_finding_at_its_line(good, bad, code, line, severity):
    """Each rule names the line; only the shipped catalogue's rules are errors."""
    text = GOOD.replace(good, bad)
    assert findings(text) == [(code, line, WARNING)]
    assert findings(text, strict=True) == [(code, line, severity)]


def test_missing_sources_count_only_when_strict():
    """A user's file may do without sources, the shipped one may not."""
    text = GOOD.replace('    sources: {"*": litellm}\n', "", 1)
    assert findings(text) == []
    assert findings(text, strict=True) == [("missing_sources", 5, ERROR)]


def test_what_is_odd_for_a_user_is_an_error_when_strict():
    """Warnings of reading become errors in the shipped catalogue."""
    text = GOOD.replace("mode: embedding", "mode: embeding")
    assert findings(text) == [("unknown_mode", 14, WARNING)]
    assert findings(text, strict=True) == [("unknown_mode", 14, ERROR)]


def test_two_files_of_one_provider():
    """The second file of a provider is found, with the first one's path."""
    layers = [load_text(GOOD.encode(), path) for path in ("acme.yaml", "x/acme.yaml")]
    found = validate(layers)
    assert [str(finding) for finding in found] == [
        "x/acme.yaml:1: duplicate_provider: acme is also in acme.yaml"
    ]
    assert validate(layers, strict=True)[0].is_error


def test_an_unreadable_file_does_not_stop_the_others():
    """All findings of all files come at once, in order."""
    layers = [load_text(b"[", "b.yaml"), load_text(b"provider: z\n", "a.yaml")]
    codes = [(finding.path, finding.code) for finding in validate(layers)]
    assert codes == [
        ("a.yaml", "no_models"),
        ("a.yaml", "stem_mismatch"),
        ("b.yaml", "not_yaml"),
    ]


def test_every_rule_has_a_documented_code():
    """The codes of all rules are in the table of finding codes."""
    rules = [*LAYER_RULES, *MODEL_RULES, PSEUDO_RULE]
    assert {rule.code for rule in rules} <= FINDING_CODES.keys()
