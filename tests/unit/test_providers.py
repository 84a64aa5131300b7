"""What providers offer: support, auth, find, compare, recommend and the matrix."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

import modeldex
from catalogs import DAY, catalog_of
from modeldex.errors import InvalidInputError, UnknownProviderError
from modeldex.registry import Registry
from modeldex.usecases.provider_choice import ProviderChoice
from modeldex.usecases.provider_matrix import ProviderMatrix
from modeldex.usecases.providers import (
    COMMON_FEATURES,
    Offers,
    Support,
    limit_text,
    stated_features,
)

FREE = {"state": "free"}
ENTRIES = {
    ("acme", "large"): {"capabilities": {"vision": True}, "context_window": 200_000},
    ("acme", "vectors"): {"mode": "embedding"},
    ("acme", "old"): {"capabilities": {"audio_input": True}, "status": "retired"},
    ("home", "small"): {"pricing": FREE},
    ("gone", "m"): {"capabilities": {"vision": True}},
    ("plain", "m"): {"capabilities": {"vision": True, "reasoning": False}},
    ("gift", "m"): {"pricing": FREE},
}
FACTS = {
    "acme": {
        "name": "Acme",
        "kind": "cloud",
        "env": ["ACME_ID", "ACME_KEY"],
        "endpoints": ["chat", "batches", "weather"],
        "authentication": ["api_key"],
        "features": {"streaming": True, "fine_tuning": False},
        "limitations": {
            "max_file": {"value": 512, "unit": "bytes", "note": "each"},
            "no_image_generation": {"value": True},
            "sizes": {"value": ["a", "b"]},
        },
    },
    "home": {
        "kind": "local",
        "endpoints": ["chat"],
        "authentication": [],
        "features": {"streaming": True},
        "limitations": {"no_cost_tracking": {"value": True}},
    },
    "fake": {
        "kind": "local",
        "authentication": [],
        "endpoints": ["chat"],
        "limitations": {"for_testing_only": {"value": True}},
    },
    "gone": {
        "kind": "cloud",
        "deprecation_date": DAY,
        "features": {"streaming": True},
    },
    "cloud": {
        "kind": "cloud",
        "env": ["C_TOKEN", "C_ID", "C_SECRET"],
        "credentials": [["C_TOKEN"], ["C_ID", "C_SECRET"]],
    },
    "plain": {"kind": "aggregator", "env": ["PLAIN_KEY"]},
    "gift": {"kind": "cloud", "env": []},
    "open": {"kind": "cloud", "authentication": [], "env": ["OPTIONAL_KEY"]},
}


@pytest.fixture(scope="module")
def registry():
    """Return a small catalogue on a fixed day."""
    return Registry(lambda _why: catalog_of(ENTRIES, facts=FACTS))


@pytest.fixture(scope="module")
def shipped():
    """Return the shipped catalogue alone."""
    return modeldex.open(overlays=[])


# --- support

SUPPORT = [
    ("acme", "streaming", True, "stated"),
    ("acme", "Stream", True, "stated"),
    ("acme", "fine_tuning", False, "stated"),
    ("acme", "finetune", False, "stated"),
    ("acme", "image_generation", False, "stated"),
    ("acme", "images", False, "stated"),
    ("acme", "batch", True, "endpoint"),
    ("acme", "batch_processing", True, "endpoint"),
    ("acme", "weather", True, "endpoint"),
    ("acme", "vision", True, "model"),
    ("acme", "embeddings", True, "model"),
    ("acme", "long-context", True, "model"),
    ("acme", "audio_input", None, "nothing"),
    ("acme", "impossible_feature", None, "nothing"),
    ("home", "cost_tracking", False, "stated"),
    ("gone", "streaming", False, f"stopped on {DAY}"),
    ("gone", "vision", False, f"stopped on {DAY}"),
    ("plain", "reasoning", None, "nothing"),
    ("plain", "chat", True, "model"),
]


@pytest.mark.parametrize(("provider", "name", "answer", "why"), SUPPORT)
def test_support(registry, provider, name, answer, why):
    """The entry comes first, then its endpoints, then its models; else unknown."""
    assert registry.provider_supports(provider, name) is answer
    assert why in Offers(registry.catalog).support(provider, name).why


def test_a_provider_stops_on_its_day():
    """The day before its end a provider still offers what it offers."""
    before = Registry(lambda _: catalog_of(ENTRIES, facts=FACTS, day="2026-06-14"))
    assert before.provider_supports("gone", "vision") is True


def test_features_come_before_limitations():
    """A yes of `features` outweighs a limitation `no_x`; a number states nothing."""
    facts = {
        "features": {"tools": True},
        "limitations": {
            "no_function_calling": {"value": True},
            "no_vision": {"value": False},
        },
    }
    assert stated_features(facts) == {"function_calling": True}


# --- credentials


def test_local_and_auth(registry):
    """`is_local` goes by kind; `requires_auth` by what is stated, then by env."""
    assert registry.is_local("home") is True
    assert registry.is_local("acme") is False
    answers = {name: registry.requires_auth(name) for name in registry.providers()}
    assert answers == {
        "acme": True,
        "cloud": True,
        "fake": False,
        "gift": None,
        "gone": None,
        "home": False,
        "open": False,
        "plain": True,
    }
    assert registry.get_auth_methods("home") == []
    assert registry.get_auth_methods("plain") is None


CONFIGURED = [
    ("acme", {}, False),
    ("acme", {"ACME_KEY": "k"}, False),
    ("acme", {"ACME_KEY": "k", "ACME_ID": ""}, False),
    ("acme", {"ACME_KEY": "k", "ACME_ID": "i"}, True),
    ("cloud", {"C_TOKEN": "t"}, True),
    ("cloud", {"C_ID": "i"}, False),
    ("cloud", {"C_ID": "i", "C_SECRET": "s"}, True),
    ("home", {}, True),
    ("open", {}, True),
    ("gift", {}, None),
    ("plain", {"PLAIN_KEY": "k"}, True),
]


@pytest.mark.parametrize(("provider", "environ", "answer"), CONFIGURED)
def test_is_configured(registry, provider, environ, answer):
    """All of one set of variables are there, none empty; None when nothing is known."""
    assert registry.is_configured(provider, environ) is answer


def test_the_process_environment_is_asked(registry, monkeypatch):
    """Without `environ`, the process's own counts, as it is now."""
    monkeypatch.delenv("PLAIN_KEY", raising=False)
    assert registry.is_configured("plain") is False
    monkeypatch.setenv("PLAIN_KEY", "k")
    assert registry.is_configured("plain") is True
    assert registry.provider_matrix("plain").configured == {"plain": True}


def test_limitations(registry):
    """Limitations come with value, unit and note; a provider without has none."""
    limits = registry.get_limitations("acme")
    assert limits["max_file"] == {"value": 512, "unit": "bytes", "note": "each"}
    assert limits["sizes"] == {"value": ["a", "b"], "unit": None, "note": None}
    assert registry.get_limitations("plain") == {}
    assert limit_text(limits["max_file"]) == "512 bytes"
    assert limit_text(limits["no_image_generation"]) == "yes"
    assert limit_text(limits["sizes"]) == "a, b"
    assert registry.get_endpoints("acme") == ["chat", "batches", "weather"]
    assert registry.get_endpoints("plain") is None


# --- find and compare


def test_find(registry):
    """All features must be offered; none asks for all providers; sorted."""
    assert registry.find_providers(["streaming"]) == ["acme", "home"]
    assert registry.find_providers("streaming, vision") == ["acme"]
    assert registry.find_providers(["impossible_feature"]) == []
    assert registry.find_providers() == registry.list_providers()
    assert registry.find_providers([]) == registry.providers()


def test_compare(registry):
    """Unions are sorted, each provider has its detail, differences are named."""
    found = registry.compare_providers(["home", "acme"])
    assert found.providers == ("home", "acme")
    assert found.endpoints == ("batches", "chat", "weather")
    assert {"streaming", "vision", "chat"} <= set(found.features)
    assert "fine_tuning" not in found.features
    assert list(found.features) == sorted(found.features)
    row = found.comparison["acme"]
    assert row["authentication"] == ["api_key"]
    assert row["features"]["fine_tuning"] is False
    assert row["features"]["reasoning"] is None
    assert row["limitations"]["max_file"]["value"] == 512
    assert "authentication" in found.differences
    assert "features.streaming" not in found.differences
    assert found.facts["endpoints.batches"] == {"home": None, "acme": True}
    assert registry.provider_supports("home", "batches") is None
    assert found.facts["limitations.max_file"] == {"home": None, "acme": "512 bytes"}
    json.dumps(found.as_dict())


def test_compare_and_the_unknown(registry):
    """An unknown provider is an error, or dropped when asked; nothing left is one."""
    with pytest.raises(UnknownProviderError):
        registry.compare_providers(["acme", "nobody"])
    found = registry.compare_providers(["acme", "nobody"], missing="drop")
    assert found.providers == ("acme",)
    with pytest.raises(InvalidInputError):
        registry.compare_providers(["nobody"], missing="drop")
    with pytest.raises(InvalidInputError):
        registry.compare_providers(["acme"], missing="skip")


# --- recommend


def chosen(registry, *args, **wishes):
    """Return the ids of the recommended providers, best first."""
    return [one.provider for one in registry.recommend_providers(*args, **wishes)]


def test_recommend_requires(registry):
    """Every result offers all that is required, and says so."""
    found = registry.recommend_providers(["streaming", "chat"], ["vision", "batch"])
    assert [one.provider for one in found] == ["acme", "home"]
    assert found[0].matched == ("streaming", "chat", "vision", "batch")
    assert found[1].missing == ("vision", "batch")
    assert chosen(registry, required_endpoints=["batches"]) == ["acme"]
    assert chosen(registry, "fine_tuning") == []


def test_recommend_scores_are_explained(registry):
    """A score is between 0 and 1, the sum of its reasons over the maximum."""
    for one in registry.recommend_providers(
        "chat", "vision", prefer_local=True, prefer_free=True
    ):
        total = sum(points for _, points in one.reasons)
        assert one.score == round(total / one.maximum, 4)
        assert 0 <= one.score <= 1
        assert one.maximum == 1 + 0.5 + 0.5 + 0.5 + 0.25
        assert json.dumps(one.as_dict())
    scores = [one.score for one in registry.recommend_providers("chat")]
    assert scores == sorted(scores, reverse=True)


def test_a_documented_limitation_costs_nothing():
    """Two providers that differ in limitations alone score alike, in order of id."""
    said = {"a": {"value": 1, "unit": "bytes"}, "b": {"value": True}}
    facts = {
        "bare": {"endpoints": ["chat"]},
        "told": {"endpoints": ["chat"], "limitations": said},
    }
    registry = Registry(lambda _: catalog_of({}, facts=facts))
    bare, told = registry.recommend_providers("chat")
    assert (bare.provider, told.provider) == ("bare", "told")
    assert bare.score == told.score
    assert set(told.limitations) == {"a", "b"}


def test_a_limitation_that_contradicts_counts(registry):
    """A limitation `no_x` leaves a provider out where x is required."""
    assert "acme" not in chosen(registry, "image_output")
    assert "home" not in chosen(registry, "cost_tracking")


def test_recommend_leaves_out(registry):
    """What is excluded, for testing or stopped is no candidate, unless it is named."""
    everyone = chosen(registry)
    assert {"fake", "gone"}.isdisjoint(everyone)
    assert set(everyone) == set(registry.providers()) - {"fake", "gone"}
    assert "acme" not in chosen(registry, exclude="acme")
    assert chosen(registry, "chat", among=["fake", "home"]) == ["home", "fake"]
    assert len(chosen(registry, limit=2)) == 2
    assert chosen(registry, limit=0) == []


def test_wishes(registry):
    """Local ones come first when wanted; free are local ones and free chat models."""
    assert chosen(registry, "chat", prefer_local=True)[0] == "home"
    free = registry.recommend_providers("chat", prefer_free=True)
    granted = {
        one.provider
        for one in free
        if "has chat models that cost nothing" in dict(one.reasons)
    }
    assert granted == {"home", "gift"}


def test_recommend_refuses(registry):
    """A name that is no feature is refused with what was meant; so is a provider."""
    with pytest.raises(InvalidInputError, match="did you mean vision"):
        registry.recommend_providers("visoin")
    with pytest.raises(InvalidInputError):
        registry.recommend_providers((), ["visoin"])
    for wish in ("exclude", "among"):
        with pytest.raises(UnknownProviderError):
            registry.recommend_providers(**{wish: ["nobody"]})


# --- the matrix


def test_matrix_cells_are_provider_supports(registry, shipped):
    """Every cell of every matrix is what `provider_supports` answers."""
    for asked, providers in ((registry, registry.providers()), (shipped, None)):
        matrix = asked.provider_matrix(providers)
        for (provider, feature), support in matrix.cells.items():
            assert support.answer is asked.provider_supports(provider, feature)
        assert len(matrix.cells) == len(matrix.providers) * len(matrix.features)


def test_matrix_shows_what_is_documented(registry):
    """Without names, rows have stated endpoints and columns are the common features."""
    matrix = registry.provider_matrix(environ={})
    assert matrix.providers == ("acme", "fake", "home")
    assert matrix.features == COMMON_FEATURES
    assert matrix.rows[0] == {
        "provider": "acme",
        **{name: matrix.cells["acme", name].word for name in COMMON_FEATURES},
        "configured": "no",
    }
    assert matrix.rows[0]["fine_tuning"] == "no"
    assert matrix.rows[0]["reasoning"] == "unknown"
    one = registry.provider_matrix("home, acme", "tools vision,tools", {})
    assert one.providers == ("home", "acme")
    assert one.features == ("function_calling", "vision")
    full = one.as_dict()
    assert full["matrix"]["acme"]["vision"] == {
        "supported": True,
        "why": "a model of it has it",
    }
    with pytest.raises(InvalidInputError):
        registry.provider_matrix("acme", "visoin")
    with pytest.raises(UnknownProviderError):
        registry.provider_matrix("nobody")


def test_markdown(registry):
    """Markdown has a title, a table of equal width, and a legend."""
    text = registry.provider_matrix(environ={}).markdown()
    lines = text.splitlines()
    assert lines[0] == "# Provider capability matrix"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 3
    assert {line.count("|") for line in table} == {len(COMMON_FEATURES) + 3}
    assert "## Legend" in lines
    assert "- ✓ yes: the provider or one of its models offers it" in lines


class Page(HTMLParser):
    """Collects tags, classes and text, and what is left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.classes, self.texts = [], [], [], []
        self.titles = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep a tag and its class."""
        self.tags.append(tag)
        self.classes.append((tag, dict(attrs).get("class")))
        self.titles += [value for name, value in attrs if name == "title"]
        assert {name for name, _ in attrs} <= {"class", "title", "scope", "lang"} | (
            {"charset"} if tag == "meta" else set()
        )
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        """See that a tag closes the one that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep text."""
        self.texts.append(data)


def test_html(registry):
    """The page is whole, of its own, with title, table and a class per answer."""
    text = registry.provider_matrix(environ={"ACME_ID": "i", "ACME_KEY": "k"}).html()
    page = Page(text)
    assert page.open == []
    assert page.tags.count("tr") == 1 + 3
    cells = [kind for tag, kind in page.classes if tag == "td"]
    assert len(cells) == 3 * (len(COMMON_FEATURES) + 1)
    assert {"yes", "no", "unknown"} == set(cells)
    assert "Provider capability matrix" in page.texts
    assert not re.search(r"(src|href)=|<script|https?:|url\(|@import", text)


HOSTILE = "<script>alert('1')</script> & \"x\" | `y` [z](javascript:1)\n# h"


def test_hostile_names_are_escaped():
    """A name can open no tag, attribute, cell, link or line."""
    cells = {(HOSTILE, HOSTILE): Support(answer=True, why=HOSTILE)}
    matrix = ProviderMatrix([HOSTILE], [HOSTILE], cells, {HOSTILE: None})
    page = Page(matrix.html())
    assert "script" not in page.tags
    assert page.texts.count(HOSTILE) == 2
    assert page.titles == [HOSTILE]
    text = matrix.markdown()
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(table) == 3
    assert "\n# h" not in text
    for line in table[::2]:
        assert len(re.findall(r"(?<!\\)\|", line)) == 4
        assert not re.search(r"(?<!\\)[<\[`]", line)


def test_values_are_frozen_and_hashed():
    """A choice and a matrix can stand in a set."""
    one = ProviderChoice("a", [("x", 1.0)], 2.0)
    assert {one, ProviderChoice("a", [("x", 1.0)], 2.0)} == {one}
    matrix = ProviderMatrix(["a"], ["x"], {("a", "x"): Support(None, "")}, {"a": None})
    assert len({matrix, matrix}) == 1
    with pytest.raises(AttributeError):
        one.provider = "b"
