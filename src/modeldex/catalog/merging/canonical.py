"""Canonical ids: the same model wherever it is served, where no source says so.

What providers put around a name is taken off by written rules, versions and order
are spelled one way, and what is left must be a name that a source states, or that
its author lists, or (open weights) a name that others use just so. Two names are
one only when nothing is left to tell them apart; nothing is ever merely near.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.catalog.identity.aliases import TARGETS
from modeldex.catalog.identity.exceptions import RETIRED, SEPARATE
from modeldex.catalog.identity.names import model_key, name_key
from modeldex.catalog.identity.tables import (
    REGIONS,
    SERVING_ROUTES,
    VARIANTS,
    VENDORS,
)
from modeldex.catalog.merging.agreement import (
    DERIVED,
    FACT_RANK,
    Case,
    choose,
    equal,
)
from modeldex.catalog.merging.authors import (
    AUTHORS,
    CLOSED,
    CLOSED_NAMES,
    MAKERS,
    author_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from modeldex.catalog.merging.claims import Key, Values

_POINTER = re.compile(r"(?:.*-)?latest")
_AT = re.compile(r"@(?:eu|us|global|default|latest|\d{3})")
_DATE_AT = re.compile(r"@(?=20\d{6})")
_VENDOR_VERSION = re.compile(r"-v\d(?::\d)?|-1:0|:0")
# vendors whose names at Bedrock end in the version of the entry, not of the model
_VERSIONED = (
    "ai21",
    "amazon",
    "anthropic",
    "deepseek",
    "meta",
    "openai",
    "qwen",
    "writer",
)
_QUANTIZED = re.compile(
    r"-(?:fp8|fp4|nvfp4|mxfp4|fp16|bf16|awq|gptq|gguf|int4|int8|w4a16|[48]-?bit)"
    r"(?:-block|-dynamic|-i-quantized)?(?=-|$)"
)
_SERVED = re.compile(r"-(?:maas|tput|cloud|tee)$")
# before a name, at whom
_PREFIXES = {
    "azure": "fw-",
    "databricks": "databricks-",
    "edenai": "databricks-",
    "gitlab": "duo-chat-",
    "aihubmix": "alicloud-",
}
# where the name before a model's own is who serves it
_HOSTS_FIRST = ("edenai", "llmgateway-providers", "tempr")
_TURBO_PROVIDERS = ("togetherai", "deepinfra")
# behind a name of open weights: a way to serve what is listed without it
_OPEN_WAYS = re.compile(r"-(?:batch|eu|fast|flex|free|speed|tr|us)$")
# what a router or a gateway writes behind a closed model's name for a way to serve it
_WAYS = re.compile(
    r"-(?:thinking|non-thinking|batch|fast|flex|priority|free|eu|us|low|medium|high"
    r"|xhigh|max|minimal|none|cyber-access|1m|maxthinking)$"
)
# at xAI a `-fast` is a model of its own
_OWN_FAST = re.compile(r"(?:xai-)?grok-.*-fast$")
# authors whose names without a date move from one dated model to the next
_MOVING = re.compile(r"alibaba/")
_DATED = re.compile(r"(.+)-(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])")


def plain_name(provider: str, model_id: str) -> tuple[str, str]:
    """Return the name before a model's own, or "", and its own, undecorated.

    Both in lower case; versions keep their spelling.
    """
    text = model_id.lower().removeprefix("hf:")
    base, colon, mark = text.rpartition(":")
    if colon and (mark in VARIANTS or mark in SERVING_ROUTES):
        text = base
    elif colon and provider in ("ollama", "ollama-cloud", "lmstudio"):
        text = f"{base}-{mark}"
    text = _AT.sub("", _DATE_AT.sub("-", text)) if not text.startswith("@") else text
    *path, slug = text.split("/")
    hint = path[-1] if path else ""
    head, dot, rest = slug.partition(".")
    if dot and head in REGIONS:
        head, dot, rest = rest.partition(".")
    if dot and head in VENDORS:
        hint, slug = head, rest
        if hint == "deepseek" and not slug.startswith(hint):
            slug = f"deepseek-{slug}"
        version = _VENDOR_VERSION.search(slug)
        if version and version.end() == len(slug) and _drops_version(hint, slug):
            slug = slug[: version.start()]
        slug = slug.replace(":", "-" if hint != "mistral" else ".")
    if provider in _HOSTS_FIRST:
        hint = ""
    slug = slug.removeprefix(_PREFIXES.get(provider, "\n"))
    return hint, _SERVED.sub("", _QUANTIZED.sub("", slug))


def _drops_version(vendor: str, slug: str) -> bool:
    """Tell whether Bedrock's `-v1:0` says nothing of which model it is."""
    if vendor == "mistral":
        return slug.endswith("-v1:0")
    if vendor == "cohere":
        return slug.startswith("command")
    return vendor in _VERSIONED and not slug.startswith(
        ("titan", "claude-v", "claude-instant")
    )


class Canonicals:
    """The canonical ids that are known, by author and key.

    `stated` are those of the sources; `made` those that an author lists or that a
    name in use gives.
    """

    def __init__(self, gathered: Mapping[Key, Values]) -> None:
        self.stated: dict[str, str] = {}
        self.made: dict[str, str] = {}
        self.listed: set[str] = set(RETIRED)
        self.makers: dict[str, set[str]] = {}
        self.dates: dict[str, set[str]] = {}
        self._read_stated(gathered)
        self._read_names(gathered)

    def _read_stated(self, gathered: Mapping[Key, Values]) -> None:
        counts: Counter[str] = Counter()
        for values in gathered.values():
            counts.update(values.get("canonical", {}).values())
        for text in sorted(counts, key=lambda text: (-counts[text], text)):
            author, _, slug = text.partition("/")
            key = name_key(slug.lower())
            self.stated.setdefault(f"{author}/{key}", text)
            self.makers.setdefault(key, set()).add(author)

    def _read_names(self, gathered: Mapping[Key, Values]) -> None:
        spelled: dict[str, Counter[tuple[bool, str]]] = {}
        for provider, model_id in gathered:
            hint, slug = plain_name(provider, model_id)
            author = self.author(provider, hint, slug)
            if author is None or _POINTER.fullmatch(slug):
                continue
            key = f"{author}/{name_key(slug)}"
            dated = _DATED.fullmatch(key)
            if dated:
                self.dates.setdefault(dated[1], set()).add("".join(dated.groups()[1:]))
            own = MAKERS.get(provider) == author
            if own:
                self.listed.add(key)
            if own or key in RETIRED or not CLOSED.match(key):
                spelled.setdefault(key, Counter())[not own, slug] += 1
        for key, names in spelled.items():
            _, slug = min(names, key=lambda name: (name[0], -names[name], name[1]))
            self.made[key] = f"{key.partition('/')[0]}/{slug}"

    def author(self, provider: str, hint: str, slug: str) -> str | None:
        """Return who makes a model; an unknown name before it gives way to a source."""
        key = name_key(slug)
        stated = self.makers.get(key, set())
        if len(stated) == 1 and hint not in AUTHORS:
            return next(iter(stated))
        return author_of(hint, key) or MAKERS.get(provider)

    def find(self, key: str) -> str | None:
        """Return the canonical id of `author/key`, if it is known."""
        found = self.stated.get(key) or self.made.get(key)
        dated = None if _MOVING.match(key) else _DATED.fullmatch(key)
        if dated and key not in self.stated and len(self.dates.get(dated[1], ())) == 1:
            undated = self.stated.get(dated[1]) or self.made.get(dated[1])
            return undated or found
        return found

    def of(self, provider: str, model_id: str) -> str | None:
        """Return the canonical id of a model by its provider and id, or None.

        A pointer (`-latest`, `~…`) has its target's, where that is known: what it
        means moves.
        """
        ref = f"{provider}/{model_id}"
        if ref in SEPARATE:
            return SEPARATE[ref]
        hint, slug = plain_name(provider, model_id)
        author = self.author(provider, hint, slug)
        if author is None or model_id.startswith("ft:") or hint.startswith("~"):
            return None
        if _POINTER.fullmatch(slug):
            target = TARGETS.get((provider, model_id))
            return self.of(provider, target) if target else None
        return self._named(
            [f"{author}/{name_key(name)}" for name in _shorter(provider, slug)]
        )

    def _named(self, keys: list[str]) -> str | None:
        """Return the canonical id of the first key that is known.

        Of open weights the whole name counts before a shorter one, unless
        only the shorter one is stated or listed by its author.
        """
        if CLOSED.match(keys[0]):
            return next(filter(None, map(self.find, keys)), None)
        for key in keys:
            if key in self.stated or key in self.listed:
                return self.find(key)
        return self.find(keys[0])


def _shorter(provider: str, slug: str) -> Iterable[str]:
    """Yield a name, then without each way to serve it that stands behind it."""
    if provider in _TURBO_PROVIDERS and slug.endswith(("-instruct-turbo", "-it-turbo")):
        slug = slug.removesuffix("-turbo")
    yield slug
    closed = CLOSED_NAMES.match(slug)
    ways = _WAYS if closed else _OPEN_WAYS
    while (found := ways.search(slug)) and not _OWN_FAST.match(slug):
        slug = slug[: found.start()]
        yield slug


def merge_canonical(case: Case, known: Canonicals) -> None:
    """Serve a canonical id by the rules, where no source states one."""
    if case.claims("canonical", FACT_RANK):
        return
    found = known.of(case.provider, case.model)
    if found:
        case.serve("canonical", found, DERIVED)


def merge_alias(case: Case, listed: Collection[Key]) -> None:
    """Serve what an id points to, where the provider lists that too.

    A provider that says itself what its pointers are today goes before the reviewed
    table, which is as old as the release.
    """
    target = TARGETS.get((case.provider, case.model))
    said = [(target, DERIVED)] if target else []
    stated = choose(case, case.claims("alias_of", FACT_RANK), equal)
    said = [(stated[1], stated[0]), *said] if stated else said
    for known, source in said:
        if known != case.model and (case.provider, known) in listed:
            case.serve("alias_of", known, source)
            return


def contradicted(
    models: Mapping[Key, Mapping[str, Any]], known: Canonicals
) -> list[tuple[str, str, str]]:
    """Return (ref, stated, by rule) where a stated canonical id is not the rules'."""
    found = []
    for (provider, model_id), facts in models.items():
        stated = facts.get("canonical")
        origin = facts.get("sources", {}).get("canonical")
        if stated and origin != DERIVED:
            ruled = known.of(provider, model_id)
            if ruled and model_key(ruled) != model_key(stated):
                found.append((f"{provider}/{model_id}", stated, ruled))
    return found
