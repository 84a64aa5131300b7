"""Where a text belongs: the provider that it names, or whose spelling it has."""

from __future__ import annotations

from modeldex.catalog.identity.tables import (
    ARN,
    ARN_KINDS,
    AWS_LIST_REGIONS,
    BEDROCK_VERSION,
    OLLAMA,
    OLLAMA_TAG,
    REGIONS,
    SERVING_ROUTES,
    VARIANTS,
    VENDOR_PROVIDERS,
    VENDORS,
    VERTEX_PATH,
    VERTEX_VERSION,
)
from modeldex.domain import Value, set_slot
from modeldex.errors import UnknownModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Place(Value):
    """A provider, the id that is asked of it, and how the text came there."""

    __slots__ = ("model_id", "notes", "price_applies", "provider", "rule", "said")
    provider: str
    model_id: str
    rule: str
    said: tuple[str, ...]
    notes: tuple[str, ...]
    price_applies: bool

    def __init__(  # noqa: PLR0913 - the parts of a value
        self,
        provider: str,
        model_id: str,
        rule: str,
        said: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        *,
        price_applies: bool = True,
    ) -> None:
        set_slot(self, "provider", provider)
        set_slot(self, "model_id", model_id)
        set_slot(self, "rule", rule)
        set_slot(self, "said", said)
        set_slot(self, "notes", notes)
        set_slot(self, "price_applies", price_applies)


def _refuse(text: str, why: str) -> UnknownModelError:
    return UnknownModelError(f"{text[:80]!r} {why}")


def _arn(text: str) -> Iterator[Place]:
    """Yield where the ARN of a Bedrock model or inference profile leads.

    Raises UnknownModelError for an ARN that does not say which model it is.
    """
    if not text.startswith("arn:"):
        return
    found = ARN.fullmatch(text)
    if not found:
        raise _refuse(text, "is no ARN of Amazon Bedrock")
    if found["kind"] not in ARN_KINDS:
        why = f"names a {found['kind']}: its ARN does not say which model that is"
        raise _refuse(text, why)
    region = found["region"]
    plain = found["kind"] == "foundation-model"
    listed = not plain or region in AWS_LIST_REGIONS
    notes = [f"region {region}"]
    if not listed:
        notes.append(f"price unknown: what {region} adds is not listed")
    said = (f"ARN of a {found['kind'].replace('-', ' ')} read",)
    yield Place(
        "amazon-bedrock",
        found["name"],
        "inference_profile",
        said,
        tuple(notes),
        price_applies=listed,
    )


def _google_path(text: str) -> Iterator[Place]:
    if text.startswith("tunedModels/"):
        raise _refuse(text, "is a tuned model: its name does not say of which")
    if text.startswith("models/"):
        name = text.removeprefix("models/")
        yield Place("google", name, "gemini_path", ("models/ taken off",))


def _vertex(text: str) -> Iterator[Place]:
    """Yield where a path of Vertex's API or a version behind an `@` leads.

    Publishers other than Google and Anthropic stand before the name of the model.
    """
    path = VERTEX_PATH.fullmatch(text)
    if path:
        publisher, name = path["publisher"], path["name"]
        said = (f"publisher {publisher} read",)
        notes = (f"location {path['location']}",) if path["location"] else ()
        yield Place("google-vertex", name, "vertex_path", said, notes)
        if publisher not in ("google", "anthropic"):
            name = f"{publisher}/{name}"
            yield Place("google-vertex", name, "vertex_path", said, notes)
    elif text.startswith(("projects/", "publishers/")):
        raise _refuse(text, "is no path of a publisher's model")
    elif not text.startswith("@") and VERTEX_VERSION.fullmatch(text):
        yield Place("google-vertex", text, "own_spelling")


def _bedrock(text: str) -> Iterator[Place]:
    head, dot, rest = text.partition(".")
    if not dot or "/" in text:
        return
    if head in REGIONS and rest.partition(".")[0] in VENDORS and "." in rest:
        yield Place("amazon-bedrock", text, "own_spelling")
    elif head in VENDORS:
        versioned = BEDROCK_VERSION.fullmatch(text)
        for provider in VENDOR_PROVIDERS[:1] if versioned else VENDOR_PROVIDERS:
            yield Place(provider, text, "own_spelling")


_STARTS = (
    ("accounts/fireworks/", "fireworks-ai"),
    ("@cf/", "cloudflare-workers-ai"),
    ("@hf/", "cloudflare-workers-ai"),
    ("~", "openrouter"),
)


def _start(text: str) -> Iterator[Place]:
    for start, provider in _STARTS:
        if text.startswith(start):
            yield Place(provider, text, "own_spelling")
    if text.startswith("ft:"):
        for provider in ("openai", "mistral"):
            yield Place(provider, text, "own_spelling")


def _colon(text: str) -> Iterator[Place]:
    """Yield where `author/slug:variant`, `author/slug:route` or `name:tag` leads."""
    base, colon, mark = text.rpartition(":")
    if not colon or ":" in base:
        return
    if "/" not in base:
        if OLLAMA_TAG.fullmatch(mark):
            for provider in OLLAMA:
                yield Place(provider, text, "own_spelling")
    elif base.count("/") == 1:
        if mark in VARIANTS:
            yield Place("openrouter", text, "own_spelling")
        elif mark in SERVING_ROUTES:
            yield Place("huggingface", text, "own_spelling")


_SPELLINGS: tuple[Callable[[str], Iterator[Place]], ...] = (
    _arn,
    _google_path,
    _vertex,
    _start,
    _bedrock,
    _colon,
)


def own_spelling(text: str) -> list[Place]:
    """Return the places of a text that is spelled as few providers spell.

    Raises UnknownModelError for a name that says of no model what it is.
    """
    for spelling in _SPELLINGS:
        found = list(spelling(text))
        if found:
            return found
    return []
