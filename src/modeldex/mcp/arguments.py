"""What each tool is asked with: read and checked by these, which are its schema too."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

_MOST_FOUND, _MOST_COMPARED, _MOST_NAMED = 200, 20, 2_000
_LONGEST = 500  # characters of a name or a query

Text = Annotated[str, Meta(max_length=_LONGEST)]
Price = Annotated[float | Text, Meta(description="USD per 1,000,000 tokens.")]
Tokens = Annotated[int, Meta(ge=0)]
Count = Annotated[
    int | Text, Meta(description="Tokens: a number, or text as 100k or 1m.")
]
Names = Annotated[list[Text], Meta(max_length=_MOST_COMPARED)]
Ref = Annotated[
    Text,
    Meta(description="`provider/model-id`, as openai/gpt-4o; other spellings resolve."),
]
AsOf = Annotated[
    Text, Meta(description="Ask the catalogue of this day (YYYY-MM-DD) or time.")
]


class Arguments(Struct, kw_only=True, forbid_unknown_fields=True):
    """What all have in common: an unknown name is refused."""


class Find(Arguments):
    """Terms of a query, as text or by name; all of them must hold."""

    query: Annotated[
        Text,
        Meta(
            description="Query grammar: `vision min_context:100k max_input:5 "
            "no:audio_input provider:openai sort:input`."
        ),
    ] = ""
    capabilities: (
        Annotated[Names, Meta(description="Has all of these, as vision.")] | None
    ) = None
    without: (
        Annotated[Names, Meta(description="Is known not to have these.")] | None
    ) = None
    provider: (
        Annotated[Names, Meta(description="At one of these providers.")] | None
    ) = None
    mode: (
        Annotated[Text, Meta(description="chat, embedding, image_generation, …")] | None
    ) = None
    status: (
        Annotated[
            Text,
            Meta(description="preview, active, deprecated, retired, disabled or any."),
        ]
        | None
    ) = None
    text: Annotated[Text, Meta(description="Ref or name holds this.")] | None = None
    min_context: Count | None = None
    min_output: Count | None = None
    max_input_price: Price | None = None
    max_output_price: Price | None = None
    released_after: Annotated[Text, Meta(description="YYYY-MM-DD.")] | None = None
    open_weights: bool | None = None
    sort: (
        Annotated[
            Text,
            Meta(description="input, output, context, released, ref; - before: down."),
        ]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=_MOST_FOUND)] = 20
    offset: Annotated[int, Meta(ge=0)] = 0
    as_of: AsOf | None = None


class Get(Arguments):
    """A model."""

    ref: Ref
    sources: Annotated[
        bool, Meta(description="Say which source gave each fact, too.")
    ] = False
    as_of: AsOf | None = None


class Compare(Arguments):
    """Models to put side by side."""

    refs: Annotated[list[Ref], Meta(min_length=1, max_length=_MOST_COMPARED)]
    differences_only: bool = True
    as_of: AsOf | None = None


class Cost(Arguments):
    """A model, and what a call used of it."""

    ref: Ref
    input_tokens: Annotated[
        Tokens, Meta(description="Tokens of the whole prompt, cached ones included.")
    ] = 0
    output_tokens: Annotated[
        Tokens, Meta(description="Tokens of the whole answer, reasoning included.")
    ] = 0
    cached_tokens: Annotated[
        Tokens, Meta(description="Of input_tokens: read from the cache.")
    ] = 0
    cache_write_tokens: Annotated[
        Tokens, Meta(description="Of input_tokens: written to the cache.")
    ] = 0
    reasoning_tokens: Annotated[
        Tokens, Meta(description="Of output_tokens: reasoning, where billed apart.")
    ] = 0
    meters: Annotated[
        dict[str, int | float],
        Meta(description="More of any meter: searches, output_images, seconds, …"),
    ] = {}
    service_tier: (
        Annotated[Text, Meta(description="batch, flex, priority, …")] | None
    ) = None
    region: Text | None = None
    at: (
        Annotated[Text, Meta(description="Day or time whose prices hold; now unless.")]
        | None
    ) = None


class PriceAt(Arguments):
    """A model and a time."""

    ref: Ref
    at: Annotated[Text, Meta(description="A day (its end, UTC) or a time, ISO 8601.")]
    known_at: (
        Annotated[Text, Meta(description="Leave out what became known later.")] | None
    ) = None


class Resolve(Arguments):
    """A text that means a model."""

    text: Annotated[
        Text, Meta(description="As us.anthropic.claude-sonnet-4-5-20250929-v1:0.")
    ]
    provider: Annotated[Text, Meta(description="Look here alone.")] | None = None


class Expiring(Arguments):
    """A span, and what to look at."""

    within: Annotated[Text, Meta(description="A span, as 90d or 12w.")] = "90d"
    provider: Text | None = None
    refs: (
        Annotated[
            list[Text],
            Meta(
                max_length=_MOST_NAMED,
                description="Look at these alone: refs, or ids as they stand in code.",
            ),
        ]
        | None
    ) = None
    at: Annotated[Text, Meta(description="As if it were this day.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=_MOST_FOUND)] = 50
