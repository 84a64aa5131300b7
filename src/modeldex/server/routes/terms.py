"""Parameters that several routes have: the query grammar in a URL, days, pages."""

from __future__ import annotations

from modeldex.catalog.values import SORTS
from modeldex.domain.capability import CAPABILITIES, MODES
from modeldex.domain.lifecycle import STATUSES
from modeldex.server.route import Param

_TOKENS = {"type": "string", "pattern": r"^[0-9]{1,9}[km]?$"}
_PRICE = {"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,9})?$"}
_MONTH = {
    "type": "string",
    "pattern": r"^(19[7-9][0-9]|20[0-9]{2})(-(0[1-9]|1[0-2]))?$",
}
DAY = {
    "type": "string",
    "pattern": r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
}
PROVIDER = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._-]{0,63}$"}
TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
_LIMIT = 10_000


def _words(words: object) -> dict[str, str]:
    one = "|".join(map(str, words))  # type: ignore[call-overload]
    return {"type": "string", "pattern": f"^({one})(,({one})){{0,9}}$"}


_CAPABILITY = {**_words(CAPABILITIES), "maxLength": 400}
_MODALITY = _words(
    [
        *(
            f"{side}{kind}"
            for side in ("", "in:", "out:")
            for kind in ("text", "image", "audio", "video", "pdf")
        )
    ]
)
_SORT = {"type": "string", "enum": [*SORTS, *(f"-{name}" for name in SORTS)]}

MIN_REVISION = Param(
    "min_revision",
    "Answer only from this revision on: waits 2 s for it, else 503.",
    {"type": "integer", "minimum": 0, "maximum": 10**12},
    0,
)
AS_OF = Param(
    "as_of", "Of the catalogue of a day gone by (its end, UTC).", DAY, "2026-03-31"
)
TERMS = (
    Param("capability", "Has all of these capabilities.", _CAPABILITY, "vision"),
    Param("no", "Is known not to have them.", _CAPABILITY, "audio_input"),
    Param("maybe", "Has them, or nobody knows.", _CAPABILITY, "reasoning"),
    Param(
        "provider",
        "Served by one of these providers.",
        {
            "type": "string",
            "pattern": r"^[a-z0-9][a-z0-9._-]{0,63}(,[a-z0-9][a-z0-9._-]{0,63}){0,9}$",
            "maxLength": 400,
        },
        "openai,google",
    ),
    Param("mode", "Does this kind of work.", _words(MODES), "chat"),
    Param("modality", "Takes or gives this.", _MODALITY, "in:audio"),
    Param("family", "Of this line of models.", TEXT, "gpt"),
    Param(
        "canonical",
        "Is this model, author/slug, at any provider.",
        TEXT,
        "openai/gpt-4o",
    ),
    Param("status", "Status on this day.", _words((*STATUSES, "any")), "active"),
    Param("min_context", "Context window of at least so many tokens.", _TOKENS, "100k"),
    Param("max_context", "Context window of at most so many tokens.", _TOKENS, "1m"),
    Param("min_output", "Answers of at least so many tokens.", _TOKENS, "8k"),
    Param("min_input_price", "Input at least so dear, USD per 1M.", _PRICE, "0.1"),
    Param("max_input_price", "Input at most so dear, USD per 1M.", _PRICE, "5"),
    Param("min_output_price", "Output at least so dear, USD per 1M.", _PRICE, "1"),
    Param("max_output_price", "Output at most so dear, USD per 1M.", _PRICE, "20"),
    Param("released_after", "Released after this month or year.", _MONTH, "2026-01"),
    Param("released_before", "Released before this month or year.", _MONTH, "2026"),
    Param(
        "open_weights",
        "Whether the weights are published.",
        {"type": "string", "enum": ["yes", "no"]},
        "yes",
    ),
    Param("text", "Ref or name holds this.", TEXT, "sonnet"),
    Param("sort", "Order; with - in front, descending.", _SORT, "input"),
    Param(
        "limit",
        "At most so many models.",
        {"type": "integer", "minimum": 0, "maximum": _LIMIT},
        10,
    ),
    Param(
        "offset",
        "Leave out so many first.",
        {"type": "integer", "minimum": 0, "maximum": 10**6},
        0,
    ),
)
# names in a URL -> keywords of find, where they differ
KEYWORDS = {"capability": "capabilities", "no": "without", "modality": "modalities"}
