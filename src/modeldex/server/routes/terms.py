"""Parameters that several routes have: the query grammar in a URL, days, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from modeldex.catalog.values import SORTS
from modeldex.domain.capability import CAPABILITIES, MODES
from modeldex.domain.lifecycle import STATUSES
from modeldex.server.route import Param

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKENS = {"type": "string", "pattern": r"^[0-9]{1,9}[km]?$"}
_PRICE = {"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,9})?$"}
# days that the calendar has, from 1970 and from 2000 on
_MONTHS = (
    "-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|-02-(0[1-9]|1[0-9]|2[0-8])"
)
DATE = f"20(([0-9][0-9])({_MONTHS})|([02468][048]|[13579][26])-02-29)"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DATE = {
    "type": "string",
    "pattern": f"^((19[7-9][0-9]|20[0-9][0-9])(-(0[1-9]|1[0-2]))?|{DATE})$",
}
DAY = {"type": "string", "pattern": f"^{DATE}$"}
TIME = {
    "type": "string",
    "pattern": f"^{DATE}(T{_CLOCK}(:[0-5][0-9])?(Z|[+-]{_CLOCK}))?$",
}
SPAN = {"type": "string", "pattern": "^[0-9]{1,4}[dw]$"}
SINCE = {
    "type": "string",
    "pattern": f"^([0-9]{{1,4}}[dw]|{DATE}(T{_CLOCK}(:[0-5][0-9])?(Z|[+-]{_CLOCK}))?)$",
}
_PROVIDER = "[a-z0-9][a-z0-9._-]{0,63}"
PROVIDER = {"type": "string", "pattern": f"^{_PROVIDER}$"}
PROVIDERS = {
    "type": "string",
    "pattern": f"^{_PROVIDER}(,{_PROVIDER}){{0,9}}$",
    "maxLength": 400,
}
_REF = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[A-Za-z0-9@~][A-Za-z0-9/:@+._~*-]{0,190}"
REF = {"type": "string", "pattern": f"^{_REF}$"}
REFS = {"type": "string", "pattern": f"^{_REF}(,{_REF}){{0,19}}$", "maxLength": 4_000}
# how people write a model: no part between slashes is `..`
_PART = r"(\.?|\.\.\.+|\.*[A-Za-z0-9:@+_~-][A-Za-z0-9:@+._~-]*)"
_NAME = f"[A-Za-z0-9@~][A-Za-z0-9:@+._~-]*(/{_PART})*"
NAME = {"type": "string", "pattern": f"^{_NAME}$", "maxLength": 200}
NAMES = {
    "type": "string",
    "pattern": f"^{_NAME}(,{_NAME}){{0,49}}$",
    "maxLength": 4_000,
}
TEXT = {"type": "string", "minLength": 1, "maxLength": 200}
_ITEMS = {"type": "string", "pattern": "^[^,]{1,80}(,[^,]{1,80}){0,9}$"}
LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"  # of text
REASON = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
_REASON = 2_000  # characters
Line = Annotated[str, msgspec.Meta(max_length=_REASON, pattern=LINE)]
Reason = Annotated[str, msgspec.Meta(max_length=_REASON, pattern=REASON)]
FieldName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.=-]{0,99}$")]
_LIMIT = 10_000


def words(known: Iterable[object], most: int = 10) -> dict[str, str]:
    """Return the schema of some words of a vocabulary, with commas between them."""
    one = "|".join(map(str, known))
    return {"type": "string", "pattern": f"^({one})(,({one})){{0,{most - 1}}}$"}


_CAPABILITY = {**words(CAPABILITIES), "maxLength": 400}
_MODALITY = words(
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
LIMIT = Param(
    "limit",
    "At most so many.",
    {"type": "integer", "minimum": 0, "maximum": _LIMIT},
    10,
)
OFFSET = Param(
    "offset",
    "Leave out so many first.",
    {"type": "integer", "minimum": 0, "maximum": 10**6},
    0,
)
TERMS = (
    Param("capability", "Has all of these capabilities.", _CAPABILITY, "vision"),
    Param("no", "Is known not to have them.", _CAPABILITY, "audio_input"),
    Param("maybe", "Has them, or nobody knows.", _CAPABILITY, "reasoning"),
    Param(
        "provider",
        "Served by one of these providers.",
        PROVIDERS,
        "openai,google",
    ),
    Param("mode", "Does this kind of work.", words(MODES), "chat"),
    Param("modality", "Takes or gives this.", _MODALITY, "in:audio"),
    Param("family", "Of one of these lines of models.", _ITEMS, "gpt"),
    Param(
        "canonical",
        "Is this model, author/slug, at any provider.",
        _ITEMS,
        "openai/gpt-4o",
    ),
    Param("status", "Status on this day.", words((*STATUSES, "any")), "active"),
    Param("min_context", "Context window of at least so many tokens.", _TOKENS, "100k"),
    Param("max_context", "Context window of at most so many tokens.", _TOKENS, "1m"),
    Param("min_output", "Answers of at least so many tokens.", _TOKENS, "8k"),
    Param("min_input_price", "Input at least so dear, USD per 1M.", _PRICE, "0.1"),
    Param("max_input_price", "Input at most so dear, USD per 1M.", _PRICE, "5"),
    Param("min_output_price", "Output at least so dear, USD per 1M.", _PRICE, "1"),
    Param("max_output_price", "Output at most so dear, USD per 1M.", _PRICE, "20"),
    Param(
        "released_after", "Released after this day, month or year.", _DATE, "2026-01"
    ),
    Param("released_before", "Released before this day, month or year.", _DATE, "2026"),
    Param(
        "open_weights",
        "Whether the weights are published.",
        {"type": "string", "enum": ["yes", "no"]},
        "yes",
    ),
    Param("text", "Ref or name holds this.", TEXT, "sonnet"),
    Param("sort", "Order; with - in front, descending.", _SORT, "input"),
    LIMIT,
    OFFSET,
)
# names in a URL -> keywords of find, where they differ
KEYWORDS = {"capability": "capabilities", "no": "without", "modality": "modalities"}
