"""Edits of authored YAML touch what differs and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modeldex.catalog.authoring.edit import format_text, new_provider_text, rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.errors import AuthoringError, InvalidInputError

TEXT = """\
# Facts of Acme, checked by hand.

# what it is called
provider: acme   # id
name: 'Acme'

models:
  # the good one
  acme-a:
    name: Acme A
    # corrected by hand
    pricing: {input: 3.0, output: 15, cache_read: 0.30} # usd
    capabilities:
    - streaming   # sure
    # vision came later
    - vision
    context_window: 200000

  acme-c:   # c
    pricing:
      input: 1.0
      # note
      output: 2.0
    metadata: {a: 1, b: [x, 'y']}
    # tail of c

  empty: {}  # nothing
default_model: acme-a
# end
"""


def read(text):
    """Return the layer of a text, which must have no errors."""
    layer = load_text(text.encode(), "acme.yaml")
    assert not layer.errors
    return layer


def changed_lines(before, after):
    """Return the lines that only one of two texts has, marked - and +."""
    old, new = before.splitlines(), after.splitlines()
    gone = [f"-{line}" for line in old if line not in new]
    return gone + [f"+{line}" for line in new if line not in old]


EDITS = [
    ({"name": "Acme Inc"}, {}, ["-name: 'Acme'", "+name: Acme Inc"]),
    ({"name": "Acme"}, {}, []),
    ({"kind": "local"}, {}, ["+kind: local"]),
    ({"default_model": None}, {}, ["-default_model: acme-a"]),
    (
        {},
        {"acme-a": {"context_window": 300000}},
        ["-    context_window: 200000", "+    context_window: 300000"],
    ),
    (
        {},
        {
            "acme-a": {
                "pricing": {
                    "input": Decimal(3),
                    "output": Decimal("16.50"),
                    "cache_read": Decimal("0.3"),
                    "cache_write": Decimal("3.75"),
                }
            }
        },
        [
            "-    pricing: {input: 3.0, output: 15, cache_read: 0.30} # usd",
            (
                "+    pricing: {input: 3.0, output: 16.5, cache_read: 0.30,"
                " cache_write: 3.75} # usd"
            ),
        ],
    ),
    (
        {},
        {"acme-a": {"pricing": {"input": Decimal(3), "cache_read": Decimal("0.3")}}},
        [
            "-    pricing: {input: 3.0, output: 15, cache_read: 0.30} # usd",
            "+    pricing: {input: 3.0, cache_read: 0.30} # usd",
        ],
    ),
    (
        {},
        {"acme-a": {"pricing": {"state": "free"}}},
        [
            "-    pricing: {input: 3.0, output: 15, cache_read: 0.30} # usd",
            "+    pricing: free # usd",
        ],
    ),
    (
        {},
        {
            "acme-a": {
                "capabilities": {"streaming": True, "vision": True, "reasoning": True}
            }
        },
        ["+    - reasoning"],
    ),
    (
        {},
        {"acme-a": {"capabilities": {"vision": True}}},
        ["-    - streaming   # sure"],
    ),
    (
        {},
        {"acme-a": {"capabilities": {"streaming": True, "vision": False}}},
        [
            "-    capabilities:",
            "-    - streaming   # sure",
            "-    - vision",
            "+    # sure",
            "+    capabilities: {streaming: yes, vision: no}",
        ],
    ),
    (
        {},
        {"acme-c": {"pricing": {"input": Decimal(1), "output": Decimal(4)}}},
        ["-      output: 2.0", "+      output: 4"],
    ),
    (
        {},
        {"acme-c": {"pricing": {"input": Decimal(1)}}},
        ["-      output: 2.0"],
    ),
    (
        {},
        {"acme-c": {"metadata": {"a": 1, "b": ["x", "y", "no"]}}},
        [
            "-    metadata: {a: 1, b: [x, 'y']}",
            """+    metadata: {a: 1, b: [x, 'y', "no"]}""",
        ],
    ),
    (
        {},
        {"empty": {"name": "1.5", "context_window": 5}},
        [
            "-  empty: {}  # nothing",
            "+  empty:  # nothing",
            '+    name: "1.5"',
            "+    context_window: 5",
        ],
    ),
    (
        {},
        {"acme-b": {"name": "B"}},
        ["+  acme-b:", "+    name: B"],
    ),
]


@pytest.mark.parametrize(("provider", "models", "lines"), EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_what_differs_is_touched(provider, models, lines, newline):
    """An edit changes exactly the expected lines, with either line end."""
    text = TEXT.replace("\n", newline)
    edited = rewrite(text, provider, models)
    assert changed_lines(text, edited) == lines
    assert edited.count("\r\n") == (edited.count("\n") if newline == "\r\n" else 0)
    assert rewrite(edited, provider, models) == edited
    read(edited)


def test_a_model_is_inserted_in_its_sorted_place():
    """Where ids are sorted a new one stands between its neighbours, spaced alike."""
    edited = rewrite(TEXT, {}, {"acme-b": {"name": "B"}})
    assert list(read(edited).models) == ["acme-a", "acme-b", "acme-c", "empty"]
    assert "\n\n  acme-b:\n    name: B\n\n  acme-c:" in edited


def test_models_out_of_order_get_a_new_one_at_the_end():
    """Where ids are not sorted a new one comes last."""
    edited = rewrite("provider: x\nmodels:\n  b: {}\n  a: {}\n", {}, {"aa": {}})
    assert edited == "provider: x\nmodels:\n  b: {}\n  a: {}\n  aa: {}\n"


@pytest.mark.parametrize(
    "text",
    [
        "provider: x\nmodels: {}\n",
        "provider: x\nmodels:\n",
        "provider: x\n",
        "provider: x",
        "provider: x\nmodels: {}  # none yet",
        "{provider: x}\n",
        "{provider: x, models: {}}",
        "{provider: x, models: {b: {name: B}}}\n",
        '{"provider":"x","models":{"b":{"name":"B"}}}\n',
        "---\nprovider: x\n",
        "\ufeffprovider: x\n",
        "provider: x\nmodels:\n    b:\n        name: B\n",
    ],
)
def test_a_first_model_is_written_whatever_the_file_looks_like(text):
    """Missing, empty, null and flow `models` take a new model."""
    facts = {"name": "A, [b]", "pricing": {"input": Decimal("0.25")}}
    edited = rewrite(text, {"name": "no"}, {"a": facts})
    layer = load_text(edited.encode(), "x.yaml")
    assert not layer.errors
    assert layer.models["a"] == facts
    assert layer.provider["name"] == "no"
    assert edited.startswith("\ufeff") == text.startswith("\ufeff")
    assert edited.endswith("\n") == text.endswith("\n")
    assert rewrite(edited, {"name": "no"}, {"a": facts}) == edited


def test_empty_text_becomes_a_whole_file():
    """Empty text gives a file in canonical order, comments above it kept."""
    models = {
        "b": {
            "pricing": {"output": Decimal("1.50"), "input": Decimal("3e-07")},
            "name": "B",
            "capabilities": {"vision": True, "reasoning": {"efforts": ["low"]}},
            "release_date": "2026-01-02",
            "sources": {"*": "models.dev"},
        },
        "@a": {"pricing": {"state": "included"}},
    }
    expected = """\
provider: acme
env: [ACME_API_KEY]
updated_at: 2026-11-12
models:
  "@a":
    pricing: included
  b:
    name: B
    pricing: {input: 0.0000003, output: 1.5}
    capabilities: {vision: yes, reasoning: {efforts: [low]}}
    release_date: 2026-01-02
    sources: {"*": models.dev}
"""
    provider = {
        "updated_at": "2026-11-12",
        "provider": "acme",
        "env": ["ACME_API_KEY"],
    }
    assert rewrite("", provider, models) == expected
    assert rewrite("# mine", provider, models) == "# mine\n" + expected


def test_legacy_keys_give_way_to_their_successors():
    """A changed fact that stood under ExLLM's key is written under its own."""
    text = "provider: x\nmodels:\n  a:\n    supported_modalities: [text]\n    name: A\n"
    edited = rewrite(text, {}, {"a": {"modalities": {"input": ["text", "image"]}}})
    assert edited == (
        "provider: x\nmodels:\n  a:\n    name: A\n"
        "    modalities: {input: [text, image]}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "provider: x\nname: &a b\n",
        "provider: x\nprovider: y\n",
        "provider: [\n",
        "- a\n",
        "provider: x\n? name\n: b\n",
    ],
)
def test_a_text_that_cannot_be_edited_is_refused(text):
    """Structural findings and shapes out of reach raise and change nothing."""
    with pytest.raises(AuthoringError):
        rewrite(text, {"name": "n"}, {"a": {"name": "c"}})


@pytest.mark.parametrize(
    ("provider", "models"),
    [
        ({"nmae": "x"}, {}),
        ({}, {"../a": {}}),
        ({}, {"a": {"contxt": 1}}),
        ({}, {"a": {"name": "a\0b"}}),
    ],
)
def test_facts_that_no_file_may_hold_are_refused(provider, models):
    """Unknown keys, bad ids and control characters raise InvalidInputError."""
    for text in ("", TEXT):
        with pytest.raises(InvalidInputError):
            rewrite(text, provider, models)


def test_a_value_that_would_not_read_back_is_refused():
    """A fact that the reader drops raises instead of damaging the file."""
    with pytest.raises(AuthoringError):
        rewrite(TEXT, {}, {"acme-a": {"pricing": {"input": Decimal(-1)}}})


def test_new_provider_text_reads_without_findings():
    """The template of a new provider is a valid file."""
    layer = load_text(new_provider_text("my-lab").encode(), "my-lab.yaml")
    assert not layer.findings
    assert layer.provider["name"] == "My Lab"
    with pytest.raises(InvalidInputError):
        new_provider_text("../x")


FORMATTED = """\
# Facts of Acme, checked by hand.

# what it is called
provider: acme  # id
name: Acme
default_model: acme-a

models:
  # the good one
  acme-a:
    name: Acme A
    context_window: 200000
    # corrected by hand
    pricing: {input: 3, output: 15, cache_read: 0.3}  # usd
    # sure
    # vision came later
    capabilities: {streaming: yes, vision: yes}

  acme-c:  # c
    # note
    pricing: {input: 1, output: 2}
    metadata: {a: 1, b: [x, y]}
    # tail of c

  empty: {}  # nothing
# end
"""


def test_format_orders_and_keeps_comments():
    """Formatting gives the canonical text, and leaves that as it is."""
    assert format_text(TEXT) == FORMATTED
    assert format_text(FORMATTED) == FORMATTED
    crlf = FORMATTED.replace("\n", "\r\n")
    assert format_text(TEXT.replace("\n", "\r\n")) == crlf


def test_format_refuses_a_file_with_errors():
    """A file with an error finding is not formatted."""
    with pytest.raises(AuthoringError):
        format_text("provider: x\nunknown: 1\n")
