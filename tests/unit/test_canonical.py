"""Canonical ids by rule, aliases, and who serves a model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogs import registry_of
from modeldex.catalog.identity.aliases import ALIASES, PINNED
from modeldex.catalog.merging.canonical import Canonicals
from modeldex.catalog.merging.claims import Claims
from modeldex.catalog.merging.merge import merge
from modeldex.catalog.pointers import price_pointers
from modeldex.domain.model import COLUMNS
from modeldex.errors import AmbiguousModelError, UnknownModelError

STATED = {
    ("one", "a"): "openai/gpt-oss-120b",
    ("one", "b"): "zhipuai/glm-4.6",
    ("one", "c"): "meta/llama-3.1-8b-instruct",
    ("one", "d"): "anthropic/claude-sonnet-4-5",
    ("one", "e"): "anthropic/claude-3-5-sonnet-20241022",
    ("one", "f"): "deepseek/deepseek-v3.1",
    ("one", "g"): "alibaba/qwen3-235b-a22b-instruct-2507",
    ("one", "h"): "alibaba/qwen3-32b",
    ("one", "i"): "openai/gpt-4o",
}
LISTED = [
    ("openai", "gpt-4o-2024-05-13"),
    ("openai", "gpt-4o-2024-08-06"),
    ("xai", "grok-9"),
    ("alibaba", "qwen3.5-plus"),
    ("alibaba", "qwen3.5-plus-20260420"),
    ("openai", "gpt-5"),
    ("openai", "gpt-5-2025-08-07"),
    ("alibaba", "qwen-max"),
    ("alibaba-cn", "qwen-max-2025-01-25"),
]


@pytest.fixture(scope="module")
def known() -> Canonicals:
    """Return the canonical ids of STATED and LISTED."""
    gathered: dict[tuple[str, str], dict[str, dict[str, Any]]] = {
        key: {"canonical": {"models.dev": value}} for key, value in STATED.items()
    }
    gathered |= {key: {"name": {"litellm": "x"}} for key in LISTED}
    return Canonicals(gathered)


@pytest.mark.parametrize(
    ("ref", "canonical"),
    [
        # what a provider puts around a name
        ("cloudflare-workers-ai/@cf/openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("groq/openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("amazon-bedrock/us.openai.gpt-oss-120b-1:0", "openai/gpt-oss-120b"),
        ("azure/FW-GPT-OSS-120B", "openai/gpt-oss-120b"),
        ("ollama-cloud/gpt-oss:120b", "openai/gpt-oss-120b"),
        ("openrouter/openai/gpt-oss-120b:free", "openai/gpt-oss-120b"),
        ("huggingface/openai/gpt-oss-120b:groq", "openai/gpt-oss-120b"),
        ("databricks/databricks-gpt-oss-120b", "openai/gpt-oss-120b"),
        ("fireworks-ai/accounts/fireworks/models/glm-4p6", "zhipuai/glm-4.6"),
        ("google-vertex/zai-org/glm-4.6-maas", "zhipuai/glm-4.6"),
        ("novita-ai/zai-org/GLM-4.6-FP8", "zhipuai/glm-4.6"),
        ("edenai/amazon/zai.glm-4.6@us", "zhipuai/glm-4.6"),
        # old spellings
        ("togetherai/meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", STATED["one", "c"]),
        (
            "fireworks-ai/accounts/fireworks/models/llama-v3p1-8b-instruct",
            STATED["one", "c"],
        ),
        ("amazon-bedrock/meta.llama3-1-8b-instruct-v1:0", STATED["one", "c"]),
        ("qiniu-ai/claude-4.5-sonnet", "anthropic/claude-sonnet-4-5"),
        ("digitalocean/anthropic-claude-4.5-sonnet", "anthropic/claude-sonnet-4-5"),
        ("nano-gpt/claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("nano-gpt/claude-sonnet-4-5-thinking", "anthropic/claude-sonnet-4-5"),
        (
            "amazon-bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0",
            STATED["one", "e"],
        ),
        ("openrouter/deepseek/deepseek-chat-v3.1", "deepseek/deepseek-v3.1"),
        ("amazon-bedrock/deepseek.v3-v1:0", "deepseek/deepseek-v3.1"),
        ("openrouter/qwen/qwen3-235b-a22b-2507", STATED["one", "g"]),
        ("vercel/alibaba/qwen-3-32b", "alibaba/qwen3-32b"),
        # dates
        ("azure/gpt-5-2025-08-07", "openai/gpt-5"),
        ("azure/gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
        ("qiniu-ai/qwen-max-2025-01-25", "alibaba/qwen-max-2025-01-25"),
        # no name of a model of its author, a pointer, a fine-tune
        ("poe/openai/gpt-99", None),
        ("nano-gpt/claude-sonnet-4-55", None),
        ("openrouter/x-ai/grok-9-fast", None),
        ("openrouter/x-ai/grok-9", "xai/grok-9"),
        ("vercel/anthropic/claude-sonnet-4.5-fast", "anthropic/claude-sonnet-4-5"),
        ("alibaba/qwen3.5-plus-20260420", "alibaba/qwen3.5-plus-20260420"),
        ("openrouter/~anthropic/claude-sonnet-latest", None),
        ("helicone/gpt-4o-latest", None),
        ("openai/ft:gpt-4o-2024-08-06", None),
        ("trustedrouter/trustedrouter/auto", None),
    ],
)
def test_a_name_has_the_canonical_id_of_its_model(
    known: Canonicals, ref: str, canonical: str | None
) -> None:
    """The rules, once each, and what they leave alone."""
    provider, _, model_id = ref.partition("/")
    assert known.of(provider, model_id) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("togetherai/Qwen/Qwen3-32B", "togetherai/Qwen/Qwen3-32B-Base"),
        ("nebius/meta-llama/Llama-3.1-8B-Instruct", "nebius/meta-llama/Llama-3.1-8B"),
        ("zai/glm-4.6", "zai/glm-4.6v"),
        ("openai/gpt-4o-2024-05-13", "openai/gpt-4o-2024-08-06"),
        ("x/NousResearch/Hermes-3-Llama-3.1-8B", "x/meta-llama/Llama-3.1-8B"),
        ("amazon-bedrock/cohere.embed-v4:0", "amazon-bedrock/cohere.embed-v3:0"),
    ],
)
def test_different_models_are_not_joined(
    known: Canonicals, one: str, other: str
) -> None:
    """What is left of two names tells them apart."""
    found = [known.of(*ref.split("/", 1)) for ref in (one, other)]
    assert found[0] != found[1] or found == [None, None]


def _claims(models: dict[tuple[str, str], dict[str, Any]]) -> Claims:
    return Claims("models.dev", "2026-09-30", models)


def test_merging_writes_what_no_source_states() -> None:
    """A stated id stands; one by rule is derived; a contradiction is reported."""
    merged = merge(
        [
            _claims(
                {
                    ("openai", "gpt-5"): {"canonical": "openai/gpt-5"},
                    ("azure", "gpt-5"): {"context_window": 1000},
                    ("zenmux", "openai/gpt-5"): {"canonical": "openai/gpt-5-pro"},
                }
            )
        ]
    )
    facts = merged.models["azure", "gpt-5"]
    assert facts["canonical"] == "openai/gpt-5"
    assert facts["sources"]["canonical"] == "derived"
    assert merged.models["zenmux", "openai/gpt-5"]["canonical"] == "openai/gpt-5-pro"
    assert merged.report.contradicted == (
        ("zenmux/openai/gpt-5", "openai/gpt-5-pro", "openai/gpt-5"),
    )


def test_merging_writes_reviewed_aliases() -> None:
    """An alias has its target, where the provider lists it too."""
    merged = merge(
        [
            _claims(
                {
                    ("openai", "o3"): {"context_window": 1},
                    ("openai", "o3-2025-04-16"): {"context_window": 1},
                    ("openai", "o1"): {"context_window": 1},
                    ("azure", "o3"): {"context_window": 1},
                    ("azure", "o3-2025-04-16"): {"context_window": 1},
                }
            )
        ]
    )
    pointers = {k: f.get("alias_of") for k, f in merged.models.items()}
    assert pointers == {
        ("openai", "o3"): "o3-2025-04-16",
        ("openai", "o3-2025-04-16"): None,
        ("openai", "o1"): None,
        ("azure", "o3"): None,
        ("azure", "o3-2025-04-16"): None,
    }
    assert merged.models["openai", "o3"]["sources"]["alias_of"] == "derived"


def test_every_alias_names_its_page() -> None:
    """A row says where it was read; no alias is its own target."""
    for row in ALIASES:
        assert row.url.startswith("https://"), row
        assert row.alias != row.target, row


def test_no_alias_is_there_twice() -> None:
    """One target each; a pinned pair leads both ways."""
    keys = [(row.provider, row.alias) for row in ALIASES]
    assert len(set(keys)) == len(keys)
    assert all(PINNED[provider, other] for (provider, _), other in PINNED.items())


def _columns(model_id: str, price: str, alias: str = "", sources: str = "") -> Any:
    columns = dict.fromkeys(COLUMNS, "")
    columns |= {"provider": "p", "id": model_id, "pricing": price, "alias_of": alias}
    columns["sources"] = sources or "*=litellm\x1epricing.output=pi-ai"
    return list(columns.values())


def _priced(*models: Any) -> dict[str, tuple[str, str]]:
    found = price_pointers({(m[0], m[1]): m for m in models})
    price, sources = COLUMNS.index("pricing"), COLUMNS.index("sources")
    return {key[1]: (m[price], m[sources]) for key, m in found.items()}


def test_a_pointer_costs_what_its_target_costs() -> None:
    """The whole pricing is the target's, and so its source."""
    found = _priced(_columns("latest", "input=9", "new"), _columns("new", "input=1"))
    assert found["latest"] == (
        "input=1",
        "*=litellm\x1epricing=alias_of\x1erates=alias_of",
    )
    assert found["new"][0] == "input=1"


def test_a_price_that_is_the_targets_keeps_its_sources() -> None:
    """Who says so is more than that it is a pointer."""
    found = _priced(_columns("a", "input=1 output=2", "b"), _columns("b", "input=1"))
    assert found["a"] == ("input=1 output=2", "*=litellm\x1epricing.output=pi-ai")


def test_the_rates_of_a_pointer_are_its_targets_too() -> None:
    """Tiers, regions and days come with the standard price."""
    place = COLUMNS.index("rates")
    pointer, target = _columns("a", "input=9", "b"), _columns("b", "input=1")
    pointer[place], target[place] = "input@batch=4.5", "input@batch=0.5"
    found = price_pointers({("p", "a"): pointer, ("p", "b"): target})
    assert found["p", "a"][place] == "input@batch=0.5"


def test_a_chain_of_pointers_leads_to_its_end() -> None:
    """A pointer to a pointer; a circle gives no price."""
    found = _priced(
        _columns("a", "input=9", "b"),
        _columns("b", "input=8", "c"),
        _columns("c", "input=1"),
        _columns("x", "input=7", "y"),
        _columns("y", "input=6", "x"),
    )
    assert [found[name][0] for name in "abxy"] == [
        "input=1",
        "input=1",
        "input=7",
        "input=6",
    ]


@pytest.mark.parametrize(
    "sources",
    [
        "*=user",
        "*=litellm\x1epricing=curated",
        "*=litellm\x1epricing.input=user",
        '{"*":"litellm","pricing":{"source":"curated","by":"me"}}',
    ],
)
def test_a_persons_price_of_a_pointer_stays(sources: str) -> None:
    """People are believed before the target."""
    found = _priced(_columns("a", "input=9", "b", sources), _columns("b", "input=1"))
    assert found["a"] == ("input=9", sources)


def test_an_unpriced_or_missing_target_gives_nothing() -> None:
    """What is not known is not copied."""
    found = _priced(
        _columns("a", "input=9", "b"),
        _columns("b", ""),
        _columns("c", "input=3", "gone"),
    )
    assert (found["a"][0], found["c"][0]) == ("input=9", "input=3")


def _entry(price: int, canonical: str | None = None, **facts: Any) -> dict[str, Any]:
    return {
        "pricing": {"input": Decimal(price), "output": Decimal(price)},
        "context_window": 1000,
        **({"canonical": canonical} if canonical else {}),
        **facts,
    }


SERVED = {
    ("acme", "alpha-1"): _entry(5, "acme/alpha-1", capabilities={"vision": True}),
    ("two", "acme/alpha-1"): _entry(3, "acme/alpha-1", context_window=500),
    ("three", "alpha-1.0"): _entry(9, "acme/Alpha-1", capabilities={"vision": False}),
    ("four", "free"): {"pricing": {"state": "free"}, "canonical": "acme/alpha-1"},
    ("five", "beta"): _entry(1, "acme/beta"),
    ("six", "beta"): _entry(1, "other/beta"),
    ("seven", "lonely"): _entry(1),
}


def test_everywhere_says_who_serves_a_model_and_what_differs() -> None:
    """All spellings of one canonical id, cheapest first, against the author's entry."""
    found = registry_of(SERVED).everywhere("acme/alpha-1")
    shown = {serving.model.ref: serving.differs for serving in found}
    assert list(shown) == [
        "four/free",
        "two/acme/alpha-1",
        "acme/alpha-1",
        "three/alpha-1.0",
    ]
    assert shown["two/acme/alpha-1"] == ("input", "output", "context_window")
    assert shown["three/alpha-1.0"] == ("input", "output", "no vision")
    assert found.canonical == "acme/alpha-1"


@pytest.mark.parametrize(
    "name",
    ["alpha-1", "ALPHA-1", "two/acme/alpha-1", "acme/alpha-1", "three/alpha-1.0"],
)
def test_everywhere_takes_a_name_a_ref_or_a_canonical_id(name: str) -> None:
    """All of them mean the same model."""
    assert len(registry_of(SERVED).everywhere(name)) == 4


def test_everywhere_refuses_what_two_authors_made() -> None:
    """Two models of one name: their authors tell them apart."""
    registry = registry_of(SERVED)
    with pytest.raises(AmbiguousModelError):
        registry.everywhere("beta")
    assert len(registry.everywhere("other/beta")) == 1


def test_everywhere_of_a_model_without_a_canonical_id_is_itself() -> None:
    """Nobody else is known to serve it; nobody at all is an error."""
    registry = registry_of(SERVED)
    assert [s.model.ref for s in registry.everywhere("seven/lonely")] == [
        "seven/lonely"
    ]
    with pytest.raises(UnknownModelError):
        registry.everywhere("nobody-knows-this")


POINTERS: list[tuple[str, str, dict[str, str]]] = [
    ("m-latest", "m-2", {"alias_of": "m-2"}),
    ("m-latest", "m-3", {}),  # nobody lists it
    ("m-2", "m-2", {}),
]


@pytest.mark.parametrize(("model", "target", "expected"), POINTERS)
def test_a_provider_says_what_its_pointers_are(
    model: str, target: str, expected: dict[str, str]
) -> None:
    """A stated pointer is served where its target is listed, with its source."""
    listed: dict[tuple[str, str], dict[str, Any]] = {
        ("mistral", name): {} for name in ("m-latest", "m-2")
    }
    listed["mistral", model] = {"alias_of": target}
    facts = merge([Claims("mistral", "2026-11-12", listed)]).models["mistral", model]
    assert {k: v for k, v in facts.items() if k == "alias_of"} == expected
    assert ("alias_of" in facts) == bool(expected)
    assert facts["sources"]["*"] == "mistral"


def test_a_stated_pointer_goes_before_the_reviewed_one() -> None:
    """The provider's list of today is newer than the table of the release."""
    row = next(alias for alias in ALIASES if alias.provider == "openai")
    listed: dict[tuple[str, str], dict[str, Any]] = {
        ("openai", row.alias): {"alias_of": "newer"},
        ("openai", row.target): {},
        ("openai", "newer"): {},
    }
    models = merge([Claims("openai", "2026-11-12", listed)]).models
    assert models["openai", row.alias]["alias_of"] == "newer"
    del listed["openai", row.alias]["alias_of"]
    models = merge([Claims("openai", "2026-11-12", listed)]).models
    assert models["openai", row.alias]["alias_of"] == row.target
