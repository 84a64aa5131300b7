"""A text resolved to a model: which one, by which rule, with what reservations."""

from __future__ import annotations

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from modeldex.domain.model import Model

# every word that `rule` may be, and what it says of the text
RULES = {
    "exact": "it is a ref, or an id at the provider that was named",
    "provider_alias": "its provider is written in another spelling",
    "own_spelling": "only one provider spells ids so",
    "first_party": "it is an id of the model's author",
    "sole_candidate": "one model alone has this author/slug",
    "date_suffix": "its date is spelled otherwise, or is not listed apart",
    "rolling_alias": "it is a pointer to a listed model, or its pinned id",
    "region_prefix": "a region stands before the id",
    "inference_profile": "it is the ARN of an inference profile or a model",
    "vertex_date": "Vertex writes a version behind an @",
    "vertex_path": "it is a path of Vertex's API",
    "router_variant": "a router's variant stands behind the id",
    "gemini_path": "it is a path of the Gemini API",
    "azure_deployment": "Azure writes the family as gpt-35",
    "fine_tune": "it is a model that was tuned from a listed one",
    "serving_route": "who serves it at the hub stands behind the id",
    "default_tag": "the tag is the one that a name without a tag means",
    "account_path": "the provider's path stands before the name",
    "case": "it differs in case alone",
    "version_punctuation": "a version is written with - for . or the reverse",
}


class Resolution(Value):
    """What a text means: `model`, found by `rule`.

    `steps` says in words what was rewritten, `notes` what the caller should know.
    `price_applies` is False where the facts are those of the model but the price
    of what was written is not known to be.
    """

    __slots__ = ("model", "notes", "price_applies", "rule", "steps", "text")
    text: str
    model: Model
    rule: str
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    price_applies: bool

    def __init__(  # noqa: PLR0913 - the parts of a value
        self,
        text: str,
        model: Model,
        rule: str,
        steps: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        *,
        price_applies: bool = True,
    ) -> None:
        set_slot(self, "text", text)
        set_slot(self, "model", model)
        set_slot(self, "rule", rule)
        set_slot(self, "steps", steps)
        set_slot(self, "notes", notes)
        set_slot(self, "price_applies", price_applies)

    @property
    def ref(self) -> str:
        """`provider/model-id` of the model."""
        return self.model.ref

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: all but the model's own facts."""
        return {
            "text": self.text,
            "ref": self.ref,
            "rule": self.rule,
            "steps": list(self.steps),
            "notes": list(self.notes),
            "price_applies": self.price_applies,
        }
