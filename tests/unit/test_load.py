"""Safe reading of provider files: values typed by the schema, the rest findings."""

from __future__ import annotations

import os
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from malformed import SAMPLES, documents, mutate
from modeldex.catalog.authoring import events, layer, parse
from modeldex.catalog.authoring.json_schema import json_schema
from modeldex.catalog.authoring.load import (
    Finding,
    load_directory,
    load_file,
    load_text,
)
from modeldex.catalog.authoring.schema import (
    LEGACY_MODEL,
    MAX_FILE_BYTES,
    MODEL_FIELDS,
    MODEL_KEYS,
    PROVIDER_FIELDS,
    PROVIDER_KEYS,
)
from modeldex.domain.pricing import METERS, WORDS
from modeldex.errors import AuthoringError

if TYPE_CHECKING:
    from pathlib import Path


def read(text: str, path: str = "acme.yaml") -> layer.Layer:
    """Read a text as one file."""
    return load_text(text.encode(), path)


def model(line: str) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """Return the facts and findings (code, line) of a model with one more key."""
    text = f"provider: acme\nmodels:\n  m:\n    family: f\n    {line}\n"
    found = read(text)
    facts = {key: value for key, value in found.models["m"].items() if key != "family"}
    return facts, [(finding.code, finding.line) for finding in found.findings]


GOOD = [
    ("name: Claude 4.5", {"name": "Claude 4.5"}),
    ("name: no", {"name": "no"}),
    ('name: "a: b # c"', {"name": "a: b # c"}),
    ("name: null", {}),
    ("name:", {}),
    ('name: "null"', {"name": "null"}),
    ("description: |\n      two\n      lines", {"description": "two\nlines\n"}),
    ("context_window: 200000", {"context_window": 200000}),
    ("context_window: 1e3", {"context_window": 1000}),
    ("context_window: '8192'", {"context_window": 8192}),
    ("pricing: {input: 3e-07}", {"pricing": {"input": Decimal("0.0000003")}}),
    ("pricing: {input: 1e3}", {"pricing": {"input": Decimal(1000)}}),
    ("pricing: {input: .5}", {"pricing": {"input": Decimal("0.5")}}),
    ("pricing: {input: 0.0}", {"pricing": {"input": Decimal(0)}}),
    ("pricing: {input: '2.50'}", {"pricing": {"input": Decimal("2.5")}}),
    ("pricing: {input: 1, output: null}", {"pricing": {"input": Decimal(1)}}),
    ("pricing: free", {"pricing": {"state": "free"}}),
    ("pricing: {state: variable}", {"pricing": {"state": "variable"}}),
    (
        "capabilities: [vision, tools]",
        {"capabilities": dict.fromkeys(("vision", "function_calling"), True)},
    ),
    (
        "capabilities: {vision: No, seed: ON}",
        {"capabilities": {"vision": False, "seed": True}},
    ),
    (
        "capabilities: {reasoning: {efforts: [low, 'max'], toggle: yes, default: low}}",
        {
            "capabilities": {
                "reasoning": {
                    "efforts": ["low", "max"],
                    "toggle": True,
                    "default": "low",
                }
            }
        },
    ),
    (
        "capabilities: {reasoning: {budget: {min: 0}, effort_flags: {max: no}}}",
        {
            "capabilities": {
                "reasoning": {
                    "budget": {"min": 0},
                    "effort_flags": {"max": False},
                }
            }
        },
    ),
    (
        "metadata: {a: [low, '1'], max: 5, on: true, f: 0.5}",
        {"metadata": {"a": ["low", "1"], "max": 5, "on": True, "f": "0.5"}},
    ),
    (
        "request_parameters: {top_p: {min: 0, max: 1, default: 0.95}, speed: no}",
        {
            "request_parameters": {
                "top_p": {
                    "min": Decimal(0),
                    "max": Decimal(1),
                    "default": Decimal("0.95"),
                },
                "speed": False,
            }
        },
    ),
    (
        "request_parameters: {service_tier: {values: [flex], default: auto}}",
        {
            "request_parameters": {
                "service_tier": {"values": ["flex"], "default": "auto"}
            }
        },
    ),
    (
        "limits_basis: {context_window: measured}",
        {"limits_basis": {"context_window": "measured"}},
    ),
    ("protocol: openai-chat", {"protocol": "openai-chat"}),
    ("base_url: https://a.test/v1", {"base_url": "https://a.test/v1"}),
    (
        "capabilities: {streaming: yes}",
        {"capabilities": {"streaming": True}},
    ),
    ("capabilities: []", {"capabilities": {}}),
    ("modalities: {input: [text, pdf]}", {"modalities": {"input": ["text", "pdf"]}}),
    ("status: deprecated", {"status": "deprecated"}),
    ("release_date: 2026", {"release_date": "2026"}),
    ("release_date: 2026-02", {"release_date": "2026-02"}),
    ("deprecation_date: '2028-02-29'", {"deprecation_date": "2028-02-29"}),
    ("updated_at: 2026-01-02T10:00:00Z", {"updated_at": "2026-01-02T10:00:00Z"}),
    ("open_weights: yes", {"open_weights": True}),
    ("rate_limits: {rpm: 5}", {"rate_limits": {"rpm": 5}}),
    ("supported_endpoints: [/v1/x]", {"supported_endpoints": ["/v1/x"]}),
    ("replacement: [a-2, b/c]", {"replacement": ["a-2", "b/c"]}),
    (
        "metadata: {a: no, b: 007, c: -5, d: [true, null, '5'], e: 1.50}",
        {
            "metadata": {
                "a": "no",
                "b": "007",
                "c": -5,
                "d": [True, None, "5"],
                "e": "1.50",
            }
        },
    ),
    (
        "sources: {'*': litellm, pricing.input: {source: curated, by: me}}",
        {
            "sources": {
                "*": "litellm",
                "pricing.input": {"source": "curated", "by": "me"},
            }
        },
    ),
]


@pytest.mark.parametrize(("line", "facts"), GOOD)
def test_values_are_typed_by_the_schema(line, facts):
    """A well-written value is read without a finding."""
    found, findings = model(line)
    assert found == facts
    assert findings == []
    assert repr(found) == repr(facts)


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("context_window: -5", "128000"),
        ("context_window: 128_000", "128000"),
        ("rate_limits: {rpm: 5k}", "128000"),
        ("pricing: {input: -1}", "0.25"),
        ("pricing: {input: $3}", "0.25"),
    ],
)
def test_a_bad_number_shows_a_good_one(line, example):
    """The example is whole where the field is, and a price where it is a price."""
    found = read(f"provider: acme\nmodels:\n  m:\n    {line}\n")
    assert found.findings[0].message.endswith(f"; write digits, as {example}")


BAD = [
    ("context_window: 1_000", "bad_number", {}),
    ("context_window: 0x10", "bad_number", {}),
    ("context_window: 010", "bad_number", {}),
    ("context_window: -1", "bad_number", {}),
    ("context_window: 1.5", "bad_number", {}),
    ("context_window: .inf", "bad_number", {}),
    ("context_window: 200k", "bad_number", {}),
    ("context_window: 1e999999999", "bad_number", {}),
    ("context_window: ''", "bad_number", {}),
    ("context_window: [1]", "bad_shape", {}),
    ("context_window: ٣", "bad_number", {}),
    ("context_window: 10.0", "float_count", {"context_window": 10}),
    ("pricing: {input: .nan, output: 1}", "bad_number", {"pricing": {"output": 1}}),
    ("pricing: {input: -1}", "bad_number", {}),
    ("pricing: {input: 1000001}", "bad_number", {}),
    ("pricing: {input: 1e21}", "bad_number", {}),
    ("pricing: {input: 0.123456789012345678901}", "bad_number", {}),
    ("pricing: {inptu: 1}", "unknown_meter", {}),
    ("pricing: 3", "bad_choice", {}),
    ("pricing: cheap", "bad_choice", {}),
    ("pricing: [1]", "bad_shape", {}),
    ("open_weights: maybe", "bad_flag", {}),
    ("open_weights: 'yes'", "bad_flag", {}),
    ("capabilities: {vision: 1}", "bad_flag", {}),
    (
        "capabilities: [vision, vision]",
        "duplicate_capability",
        {"capabilities": {"vision": True}},
    ),
    (
        "capabilities: {tools: no, function_calling: yes}",
        "conflict",
        {"capabilities": {"function_calling": False}},
    ),
    (
        "capabilities: [Local Inference]",
        "unknown_capability",
        {"capabilities": {"local_inference": True}},
    ),
    ("capabilities: ['a/b']", "bad_name", {}),
    ("capabilities: vision", "bad_shape", {}),
    (
        "modalities: {input: [smell]}",
        "unknown_modality",
        {"modalities": {"input": ["smell"]}},
    ),
    ("modalities: {in: [text]}", "unknown_key", {}),
    ("modalities: {input: text}", "bad_shape", {}),
    ("mode: responses", "unknown_mode", {"mode": "responses"}),
    ("mode: Chat!", "bad_name", {}),
    ("status: active", "bad_choice", {}),
    ("release_date: 2026-02-30", "bad_date", {}),
    ("release_date: 20260203", "bad_date", {}),
    ("deprecation_date: 2026-02", "bad_date", {}),
    ("updated_at: yesterday", "bad_date", {}),
    ("canonical: gpt-4o", "bad_name", {}),
    ("name: ''", "bad_text", {}),
    ('name: "a\\nb"', "bad_text", {}),
    (f"name: {'x' * 300}", "bad_text", {}),
    (f"description: {'x' * 5000}", "bad_text", {}),
    ("rate_limits: {rps: 5}", "unknown_key", {}),
    ("sources: {prcing: litellm}", "unknown_field", {}),
    ("sources: {'*': curated}", "bare_curated", {"sources": {"*": "curated"}}),
    ("sources: {pricing: {by: me}}", "bad_shape", {}),
    ("sources: litellm", "bad_shape", {}),
    ("contxt_window: 5", "unknown_key", {}),
    ("name: !!str x", "tag", {}),
    ("name: ! x", "tag", {}),
    ("metadata: !!map {}", "tag", {}),
    ("name: &a x", "anchor", {}),
    ("metadata: &a {}", "anchor", {}),
    ("name: *a", "alias", {}),
    ("<<: {name: x}", "merge_key", {}),
    ("name: a\n    name: b", "duplicate_key", {"name": "a"}),
    ("[a]: b", "bad_key", {}),
    ('name: "a\\0b"', "control_character", {}),
    ('name: "a\\Lb"', "control_character", {}),
    ("name: a\x00b", "control_character", {}),
    ("name: a\u2028b", "control_character", {}),
    ("name: a\u0085b", "control_character", {}),
    ("name: a\rb", "control_character", {}),
    (f"name: {'x' * 70_000}", "too_large", {}),
    (f"metadata: {{a: {'[' * 15}{']' * 15}}}", "too_deep", None),
    (
        f"metadata: {{a: {{{'k' * 300}: 1, b: 2}}}}",
        "too_large",
        {"metadata": {"a": {"b": 2}}},
    ),
]


@pytest.mark.parametrize(("line", "code", "facts"), BAD)
def test_a_bad_value_is_a_finding_at_its_line(line, code, facts):
    """A bad value is reported where it stands and left out; the rest is kept."""
    found, findings = model(line)
    number = 6 if code == "duplicate_key" else 5
    assert (code, number) in findings
    if facts is not None:
        assert found == facts


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "bad_shape", 1),
        ("- a\n", "bad_shape", 1),
        ("provider: x\n  bad\n : -", "not_yaml", 3),
        ("provider: x\nname: [\n", "not_yaml", 3),
        ("%YAML 1.1\n---\nprovider: x\n", "directive", 1),
        ("provider: x\n---\nprovider: y\n", "several_documents", 2),
        ("provider: ../x\n", "bad_provider_id", 1),
        ("provider: /x\n", "bad_provider_id", 1),
        ("name: X\nprovider: Acme\n", "bad_provider_id", 2),
        ("name: X\n", "missing_provider", 1),
        ("provider: x\n", "no_models", 1),
        ("provider: x\nmodels: [a]\n", "bad_shape", 2),
        ("provider: x\nmodels:\n  ../m: {name: x}\n", "bad_model_id", 3),
        ("provider: x\nmodels:\n  a/../m: {name: x}\n", "bad_model_id", 3),
        ("provider: x\nmodels:\n  'a b': {name: x}\n", "bad_model_id", 3),
        ("provider: x\nmodels:\n  m: {replacement: [a b]}\n", "bad_model_id", 3),
        ("provider: x\nmodels:\n  m: text\n", "bad_shape", 3),
        ("provider: x\nmodels:\n  m: {}\n", "empty_model", 3),
        ("provider: x\nmodels:\n  m*: {name: x}\n", "wildcard_id", 3),
        ("provider: x\nnmae: y\n", "unknown_key", 2),
        ("provider: x\nenv: [A-B]\n", "bad_name", 2),
        ("provider: x\napi: javascript:alert(1)\n", "bad_url", 2),
        ("provider: x\nkind: clod\n", "bad_choice", 2),
        ("provider: x\ndiscovered_at: 2025-06-06\n", "legacy_key", 2),
        ("provider: x\nauthentication: {type: bearer}\n", "legacy_key", 2),
    ],
)
def test_what_is_wrong_with_a_file_has_its_line(text, code, line):
    """Findings of whole files name the code and the line."""
    findings = read(text).findings
    assert (code, line) in [(finding.code, finding.line) for finding in findings]


def test_no_is_text_where_text_is_expected():
    """`no`, numbers and dates are ids and names, not flags, floats and days."""
    found = read("provider: no\nmodels: {no: {name: 1.5}, 2.5: {family: 2026-01-01}}")
    assert found.provider["provider"] == "no"
    assert found.models == {"no": {"name": "1.5"}, "2.5": {"family": "2026-01-01"}}
    assert not found.findings


def test_a_suggestion_follows_an_unknown_key():
    """A near name is suggested for a mistyped key, meter or field."""
    text = "provider: x\nmodels: {m: {contxt_window: 1, pricing: {inptu: 1}}}"
    messages = [finding.message for finding in read(text).findings]
    assert "'contxt_window' is not known; did you mean context_window?" in messages
    assert "'inptu' is no meter; did you mean input?" in messages


def test_hostile_text_in_messages_is_short_and_printable():
    """A message quotes at most 60 characters, without control characters."""
    text = 'provider: x\n"a\\u202eb\\tc": 1\n' + "k" * 1000 + ": 1\n"
    for finding in read(text).findings:
        assert finding.message.isprintable()
        assert len(finding.message) < 200


def test_lines_of_models():
    """A layer knows the line of each model that it keeps."""
    found = read("provider: x\nmodels:\n  # c\n  a:\n    name: A\n  'b': {}\n  -: {}\n")
    assert found.lines == {"a": 4, "b": 6}


def test_byte_order_mark_and_line_ends():
    """A BOM and CRLF line ends are read without a finding."""
    found = load_text(
        b"\xef\xbb\xbfprovider: x\r\nmodels:\r\n  m: {name: X}\r\n", "x.yml"
    )
    assert found.models == {"m": {"name": "X"}}
    assert not found.findings


def test_bad_bytes_cost_only_their_value():
    """Bytes that are not UTF-8 are a finding; other values stay."""
    found = load_text(b"provider: x\nname: a\xffb\nkind: local\nmodels: {}\n", "x.yaml")
    assert found.provider == {"provider": "x", "kind": "local"}
    assert [(f.code, f.line) for f in found.findings] == [
        ("control_character", 2),
        ("not_utf8", 2),
    ]


def test_a_file_without_a_usable_name_or_provider_keeps_nothing():
    """Models of an unknown provider are not kept."""
    found = read("models: {m: {name: X}}", "Some File.yaml")
    assert found.models == {}
    assert found.provider == {}
    assert found.errors


def test_legacy_keys_are_mapped_or_kept():
    """ExLLM's keys go where they belong, or into metadata under their own names."""
    text = """\
provider: x
documentation: https://x.example/docs
discovered_at: '2025-06-06'
models:
  m:
    supported_modalities: [text, image]
    supported_output_modalities: [text]
    embedding_dimension: 768
    deprecated: true
    supports_streaming: true
    capabilities: [vision]
    model_info: {size_label: 1B, parameter_count: 5}
    metadata: {source: mine}
    source: theirs
"""
    found = read(text)
    assert found.provider == {
        "provider": "x",
        "docs": "https://x.example/docs",
        "metadata": {"discovered_at": "2025-06-06"},
    }
    assert found.models["m"] == {
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "embedding_dimensions": 768,
        "status": "deprecated",
        "capabilities": {"vision": True, "streaming": True},
        "metadata": {
            "source": "mine",
            "model_info": {"size_label": "1B", "parameter_count": 5},
        },
    }
    assert {finding.code for finding in found.findings} == {"legacy_key"}


def test_findings_are_ordered_and_bounded():
    """Findings sort by path and line, and a hopeless file has at most some 1,000."""
    found = read("".join(f"key{n}: 1\n" for n in range(5000)))
    assert len(found.findings) < 1100
    assert found.findings == sorted(found.findings)
    assert "too_many" in [finding.code for finding in found.findings]
    assert [f.is_error for f in found.findings if f.code == "too_many"] == [True]
    legacy = "".join(f"  m{n}: {{available: yes}}\n" for n in range(1500))
    found = read(f"provider: acme\nmodels:\n{legacy}")
    assert "too_many" in [finding.code for finding in found.findings]
    assert found.errors == []  # warnings that are only counted are no error
    one = Finding("a.yaml", 2, "x", "y")
    assert str(one) == "a.yaml:2: x: y"
    assert one < Finding("a.yaml", 10, "a", "a") < Finding("b.yaml", 1, "a", "a")
    assert one.is_error


def test_directory(tmp_path: Path):
    """A directory gives its YAML files in order; what is no file is a finding."""
    (tmp_path / "b.yaml").write_text("provider: b\nmodels: {}\n")
    (tmp_path / "a.yml").write_text("provider: a\nmodels: {}\n")
    (tmp_path / "c.txt").write_text("no")
    (tmp_path / "d.yaml").symlink_to(tmp_path / "b.yaml")
    (tmp_path / "e.yaml").mkdir()
    os.mkfifo(tmp_path / "f.yaml")
    (tmp_path / "g.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    (tmp_path / "h.yaml").symlink_to(tmp_path / "missing")
    (tmp_path / "i.yaml").symlink_to(tmp_path / "e.yaml")
    (tmp_path / "j.yaml").symlink_to(tmp_path / "f.yaml")
    (tmp_path / "k.yaml").symlink_to("k.yaml")
    layers = load_directory(tmp_path)
    assert [os.path.basename(found.path) for found in layers] == [
        *("a.yml", "b.yaml", "d.yaml", "e.yaml", "f.yaml", "g.yaml", "h.yaml"),
        *("i.yaml", "j.yaml", "k.yaml"),
    ]
    codes = [[finding.code for finding in found.findings] for found in layers]
    assert codes == [
        *([], [], [], ["not_a_file"], ["not_a_file"]),
        *(["too_large"], *[["not_a_file"]] * 4),
    ]
    assert layers[2].provider == layers[1].provider
    assert "leads nowhere" in layers[6].findings[0].message


def test_a_directory_of_links(tmp_path: Path):
    """Files linked through a linked directory are read, as ConfigMaps mount them."""
    own = tmp_path / "own"
    (own / "..2026").mkdir(parents=True)
    (own / "..2026" / "acme.yaml").write_text(
        "provider: acme\nmodels: {m: {name: M}}\n"
    )
    (own / "..data").symlink_to("..2026")
    (own / "acme.yaml").symlink_to("..data/acme.yaml")
    (layer,) = load_directory(own)
    assert layer.findings == []
    assert list(layer.models) == ["m"]


def test_what_cannot_be_read(tmp_path: Path):
    """A missing file is a finding; a missing directory raises AuthoringError."""
    assert load_file(tmp_path / "x.yaml").findings[0].code == "unreadable"
    with pytest.raises(AuthoringError, match="unreadable"):
        load_directory(tmp_path / "none")
    assert load_text(b"#" * (MAX_FILE_BYTES + 1), "x").findings[0].code == "too_large"


def test_flows_read_once_mean_the_same(monkeypatch: pytest.MonkeyPatch):
    """Reading repeated one-line mappings once gives what plain parsing gives."""
    chance = random.Random(7)
    texts = [mutate(chance.choice(SAMPLES), chance) for _ in range(300)]
    texts += [
        (
            b"provider: x\nmodels:\n  model: {name: A}\n  m:\n    metadata:\n"
            b"      model_info: {a: {b: [1, no]}}\n    model_info: {c: 1}\n"
        ),
        b"provider: x\nmodels: {m: {name: A}}\n",
        b'provider: x\nname: "a\n  pricing: {input: 3}\n  b"\nmodels:\n',
        b"provider: x\ndescription: |\n  pricing: {input: 3}\nmodels:\n",
    ]
    quick = [load_text(text, "x.yaml") for text in texts]
    monkeypatch.setattr(parse, "_parse_shortened", lambda _: None)
    for text, one in zip(texts, quick, strict=True):
        other = load_text(text, "x.yaml")
        assert (one.models, one.provider) == (other.models, other.provider)
        assert (one.findings, one.lines) == (other.findings, other.lines)


def test_shared_flows_are_copied():
    """Facts read from equal lines are not one object."""
    line = "    capabilities: {reasoning: {efforts: [low]}}\n    metadata: {a: [1]}\n"
    found = read(f"provider: x\nmodels:\n  a:\n{line}  b:\n{line}")
    one, other = found.models["a"], found.models["b"]
    assert one == other
    one["capabilities"]["reasoning"]["efforts"].append("high")
    one["metadata"]["a"].append(2)
    assert other == read(f"provider: x\nmodels:\n  b:\n{line}").models["b"]


def test_without_libyaml(monkeypatch: pytest.MonkeyPatch):
    """PyYAML's own parser gives the same facts and raises nothing."""
    expected = [load_text(sample, "x.yaml").models for sample in SAMPLES]
    monkeypatch.setattr(events, "CParser", None)
    parse.flow_of.cache_clear()
    assert [load_text(sample, "x.yaml").models for sample in SAMPLES] == expected
    for data in documents(25):
        if len(data) < 4_000:
            load_text(data, "x.yaml")


def test_every_key_is_in_the_json_schema():
    """The editors' schema names all keys, meters and legacy keys."""
    schema = json_schema()
    assert [*PROVIDER_KEYS, "models"] == [
        key for key, row in schema["properties"].items() if "deprecated" not in row
    ]
    properties = schema["$defs"]["model"]["properties"]
    assert set(properties) == {*MODEL_KEYS, *LEGACY_MODEL}
    meters = properties["pricing"]["anyOf"][1]["properties"]
    assert set(meters) == {*WORDS, *METERS}
    assert all(field.about.endswith(".") for field in (*PROVIDER_FIELDS, *MODEL_FIELDS))
