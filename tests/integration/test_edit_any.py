"""Edits of any file of YAML, written as anybody would, touch what differs alone."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from modeldex.catalog.authoring import render
from modeldex.catalog.authoring.amend import same
from modeldex.catalog.authoring.edit import format_text, rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.schema import MODEL_KEYS, PROVIDER_KEYS
from modeldex.domain.pricing import grouped, rate_key


def read(text):
    """Return the layer of a text, which must have no errors."""
    layer = load_text(text.encode(), "acme.yaml")
    assert not layer.errors
    return layer


# --- property tests: facts in any style of writing ---

WORDS = st.sampled_from(
    [
        *("no", "1.5", "*", "a b", "x: y", "a #b", "@cf/x", "~", "é", '"q"', "it's"),
        *("a,b", "[x]", "{", "- a", "null", "2026-01-01", "a\\b", "ok", "0x1", "<<"),
    ]
)
ID = st.sampled_from(
    ["a", "b-1", "c/d", "@e", "~f", "1.5", "no", "g:1", "h@2", "null", "0", "i*", "Z"]
)
AMOUNT = st.decimals(0, 1000, places=4, allow_nan=False)
PRICING = st.one_of(
    st.sampled_from([{"state": "free"}, {"state": "variable"}]),
    st.dictionaries(
        st.sampled_from(["input", "output", "cache_read", "reasoning"]), AMOUNT
    ),
)
LEAF = st.one_of(WORDS, st.integers(-5, 99), st.booleans())
ANY = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=5,
)
CAPABILITY = st.sampled_from(["vision", "reasoning", "streaming", "my_own", "seed"])
ABLE = st.one_of(
    st.booleans(), st.dictionaries(st.sampled_from(["efforts", "max"]), ANY)
)
MODALITY = st.lists(st.sampled_from(["text", "image", "audio"]), unique=True)
CURATED = st.fixed_dictionaries(
    {"source": st.just("curated")}, optional={"by": WORDS, "because": WORDS}
)
AMOUNT = st.decimals(0, 99, places=3)
RATE = st.sampled_from(
    [
        rate_key(meter, **conditions)
        for meter in ("input", "output", "searches")
        for conditions in (
            {"above": 200000},
            {"service_tier": "batch"},
            {"service_tier": "batch", "above": 200000},
            {"valid_from": "2026-12-01"},
            {"hours": "00:00-01:00+10:00-00:00", "zone": "UTC"},
            {"hours": "12345/16:30-00:30", "weekday_zone": "Asia/Shanghai"},
        )
    ]
    + ["multiplier@region=eu", "percent_off@contract=yes valid_from=2026-01-01"]
)
RATES = st.dictionaries(RATE, AMOUNT.map(lambda amount: amount + 1), max_size=6)
ROW = st.fixed_dictionaries(
    {"percent_off": AMOUNT},
    optional={
        "models": st.lists(
            st.sampled_from(["*", "gpt-*", "o3"]), min_size=1, max_size=3, unique=True
        ),
        "valid_from": st.just("2026-01-01"),
        "above": st.just("200000"),
        "input": AMOUNT,
    },
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "rates": RATES,
        "name": WORDS,
        "family": WORDS,
        "description": st.sampled_from(["two\nlines", "a: b # c", "tab\there"]),
        "context_window": st.integers(0, 10**7),
        "pricing": PRICING,
        "capabilities": st.dictionaries(CAPABILITY, ABLE, max_size=4),
        "modalities": st.dictionaries(st.sampled_from(["input", "output"]), MODALITY),
        "release_date": st.sampled_from(["2026", "2026-02", "2026-02-03"]),
        "deprecation_date": st.just("2026-02-03"),
        "open_weights": st.booleans(),
        "supported_endpoints": st.lists(WORDS, max_size=3),
        "replacement": st.lists(ID, max_size=3),
        "metadata": st.dictionaries(WORDS, ANY, max_size=3),
        "sources": st.dictionaries(
            st.sampled_from(
                ["*", "pricing", "pricing.input", "rates.input@service_tier=batch"]
            ),
            st.one_of(st.just("litellm"), CURATED),
        ),
    },
)
WORD = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
LIMITATION = st.fixed_dictionaries(
    {
        "value": st.one_of(
            st.booleans(), st.integers(0, 10**9), WORDS, st.lists(WORDS, min_size=1)
        )
    },
    optional={"unit": WORD, "note": WORDS},
)
PROVIDER = st.fixed_dictionaries(
    {"provider": st.just("acme")},
    optional={
        "name": WORDS,
        "env": st.lists(st.sampled_from(["A_KEY", "B_KEY", "C_KEY"]), unique=True),
        "default_model": ID,
        "credentials": st.lists(
            st.lists(st.sampled_from(["A_KEY", "B_KEY"]), min_size=1, unique=True),
            max_size=2,
        ),
        "endpoints": st.lists(WORD, max_size=3, unique=True),
        "authentication": st.lists(
            st.sampled_from(["api_key", "oauth2"]), max_size=2, unique=True
        ),
        "features": st.dictionaries(WORD, st.booleans(), max_size=3),
        "limitations": st.dictionaries(WORD, LIMITATION, max_size=3),
        "deprecation_date": st.just("2026-02-03"),
        "contract": st.lists(ROW, max_size=4),
        "metadata": st.dictionaries(WORDS, ANY, max_size=2),
        "sources": st.dictionaries(
            st.sampled_from(["*", "limitations.a"]),
            st.one_of(st.just("litellm"), CURATED),
        ),
    },
)
MODELS = st.dictionaries(ID, FACTS, max_size=4)


class Author:
    """Writes facts in a random style, as different people would."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.step = self.chance.choice(["  ", "    "])
        self.comments = 0

    def maybe(self, part=0.3):
        """Return whether to do something this time."""
        return self.chance.random() < part

    def comment(self):
        """Return a comment that stands nowhere else."""
        self.comments += 1
        return f"# remark {self.comments} of: [x"

    def behind(self):
        """Return what may stand at the end of a line."""
        return f"  {self.comment()}" if self.maybe() else ""

    def above(self, indent):
        """Return lines that may stand above a key."""
        lines = [""] if self.maybe(0.2) else []
        return [*lines, *([indent + self.comment()] if self.maybe() else [])]

    def scalar(self, text):
        """Write text in one of its styles."""
        if self.maybe() and "'" not in text and "\n" not in text and "\t" not in text:
            return f"'{text}'"
        return render.text(text)

    def value(self, key, value):
        """Write a value on one line."""
        if isinstance(value, str) and not key.endswith("_date"):
            return self.scalar(value)
        if key == "rates":
            return render.json_like(value)
        return render.value_of(key, value, in_flow=True)

    def spelled(self, conditions):
        """Write conditions in another order and spelling."""
        words = conditions.replace("=200000", self.chance.choice(["=200k", "=200_000"]))
        words = words.replace("-00:00", self.chance.choice(["-24:00", "-0:00"])).split()
        self.chance.shuffle(words)
        return " ".join(words)

    def member(self, key, value):
        """Write a member of a mapping on one line."""
        kind = "capabilities" if key == "capabilities" else "any"
        return render.member(kind, value)

    def block(self, indent, key, value):
        """Write a list or mapping over several lines."""
        lines = [f"{indent}{key}:{self.behind()}"]
        if isinstance(value, list):
            inner = indent + self.chance.choice(["", self.step])
            for item in value:
                lines += self.above(inner)
                lines.append(f"{inner}- {render.json_like(item)}{self.behind()}")
            return lines
        for name, item in value.items():
            lines += self.above(indent + self.step)
            head = f"{indent}{self.step}{self.scalar(name)}: "
            lines.append(f"{head}{self.member(key, item)}{self.behind()}")
        return lines

    def wide(self, indent, key, value):
        """Write a mapping as a flow over several lines."""
        lines = [f"{indent}{key}: {{{self.behind()}"]
        for name, item in value.items():
            head = f"{indent}{self.step}{self.scalar(name)}: "
            lines.append(f"{head}{self.member(key, item)},{self.behind()}")
        return [*lines, f"{indent}{self.step}}}{self.behind()}"]

    def keys(self, indent, facts):
        """Write the keys of a model or provider in any order."""
        lines = []
        keys = list(facts)
        self.chance.shuffle(keys)
        for key in keys:
            value = facts[key]
            if key == "rates":
                value = {self.spelled(c): a for c, a in grouped(value).items()}
            lines += self.above(indent)
            nested = isinstance(value, (list, dict)) and value
            if nested and list(value) != ["state"] and self.maybe(0.4):
                lines += self.block(indent, key, value)
            elif nested and isinstance(value, dict) and self.maybe(0.3):
                lines += self.wide(indent, key, value)
            else:
                written = self.value(key, value)
                lines.append(f"{indent}{key}: {written}{self.behind()}")
        return lines

    def file(self, provider, models):
        """Write a whole file."""
        lines = self.keys("", provider)
        lines.append(f"models:{self.behind()}")
        for model_id, facts in models.items():
            lines += self.above(self.step)
            head = f"{self.step}{self.scalar(model_id)}:"
            if not facts:
                lines.append(head + self.chance.choice(["", " {}"]) + self.behind())
            elif self.maybe(0.15):
                lines.append(f"{head} {render.model_flow(facts)}{self.behind()}")
            else:
                lines.append(head + self.behind())
                lines += self.keys(self.step * 2, facts)
        newline = self.chance.choice(["\n", "\r\n"])
        return newline.join(lines) + self.chance.choice(["", newline])

    def remarks(self):
        """Return all comments written so far."""
        return [f"# remark {n} of: [x" for n in range(1, self.comments + 1)]


@settings(deadline=None, max_examples=20)
@given(PROVIDER, MODELS, st.integers())
def test_whole_files_read_back(provider, models, seed):
    """Facts written as a new file are read back, in any style too."""
    for text in (rewrite("", provider, models), Author(seed).file(provider, models)):
        layer = read(text)
        assert same(layer.provider, provider)
        assert same(layer.models, models)


@settings(deadline=None, max_examples=25)
@given(st.tuples(PROVIDER, MODELS), st.tuples(PROVIDER, MODELS), st.data())
def test_edits_read_back(old, new, data):
    """After an edit the file says the new facts and all old ones not given."""
    (provider, models), (new_provider, new_models) = old, new
    text = Author(data.draw(st.integers())).file(provider, models)
    gone = data.draw(st.sets(st.sampled_from(MODEL_KEYS), max_size=3))
    given_models = {
        model_id: facts | dict.fromkeys(gone - facts.keys())
        for model_id, facts in new_models.items()
    }
    edited = rewrite(text, new_provider, given_models)
    layer = read(edited)
    assert same(layer.provider, provider | new_provider)
    expected = {key: dict(facts) for key, facts in models.items()}
    for model_id, facts in given_models.items():
        expected.setdefault(model_id, {}).update(facts)
    for model_id, facts in expected.items():
        known = {key: value for key, value in facts.items() if value is not None}
        assert same(layer.models[model_id], known)
    assert layer.models.keys() == expected.keys()
    assert rewrite(edited, new_provider, given_models) == edited


@settings(deadline=None, max_examples=20)
@given(PROVIDER, MODELS, st.integers())
def test_facts_that_the_file_has_change_nothing(provider, models, seed):
    """Giving a file its own facts leaves it byte for byte."""
    text = Author(seed).file(provider, models)
    assert rewrite(text, provider, models) == text


@settings(deadline=None, max_examples=25)
@given(PROVIDER, MODELS, st.integers(), st.data())
def test_other_lines_stay(provider, models, seed, data):
    """A change of one scalar leaves every other line, and every comment, alone."""
    models = models or {"a": {}}
    author = Author(seed)
    text = author.file(provider, models)
    model_id = data.draw(st.sampled_from(sorted(models)))
    edited = rewrite(text, {}, {model_id: {"max_output_tokens": 7}})
    kept = [line for line in edited.splitlines() if line in text.splitlines()]
    changed = len(edited.splitlines()) - len(kept)
    assert changed <= 2
    assert all(remark in edited for remark in author.remarks())


@settings(deadline=None, max_examples=25)
@given(PROVIDER, MODELS, st.integers())
def test_format_keeps_facts_and_comments(provider, models, seed):
    """Formatting keeps facts and every comment, orders keys, and is idempotent."""
    author = Author(seed)
    text = author.file(provider, models)
    done = format_text(text)
    layer = read(done)
    assert same(layer.provider, provider)
    assert same(layer.models, models)
    assert list(layer.provider) == [key for key in PROVIDER_KEYS if key in provider]
    assert list(layer.models) == sorted(models)
    for facts in layer.models.values():
        assert list(facts) == [key for key in MODEL_KEYS if key in facts]
    assert all(done.count(f"{remark}") for remark in author.remarks())
    assert done.count("# remark") == text.count("# remark")
    assert format_text(done) == done
