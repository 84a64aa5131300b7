"""The authored YAML shape as a table: known keys, their kinds and limits.

`load` types every scalar by this table, `edit` orders and writes keys by it, and
`json_schema` turns it into the JSON Schema that editors read.
"""

from __future__ import annotations

from modeldex.domain import Value, set_slot
from modeldex.domain.capability import CAPABILITIES, MODALITIES, MODES
from modeldex.domain.capability_details import PARAMETERS
from modeldex.domain.feature import AUTHENTICATION
from modeldex.domain.pricing import (
    CONDITIONS,
    METER_ABOUT,
    METER_UNITS,
    MULTIPLIER,
    PERCENT_OFF,
    STATES,
    UNITS,
)
from modeldex.domain.provider import KIND_NAMES
from modeldex.domain.record import BASES
from modeldex.domain.record import LIMIT_NAMES as TOKEN_LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Schema = dict[str, Any]

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 12
MAX_SCALAR = 64 * 1024
MAX_KEY = 256
MAX_COUNT = 1_000_000_000_000
MAX_PRICE = 1_000_000
MAX_MULTIPLIER = 1_000
MAX_DIGITS = 20
MAX_EXPONENT = 20
TRUE_WORDS = frozenset(("yes", "true", "on"))
FALSE_WORDS = frozenset(("no", "false", "off"))
NULL_WORDS = frozenset(("", "~", "null", "Null", "NULL"))

# how requests are spoken; `openai` is chat completions and responses both
PROTOCOLS = (
    "openai",
    "openai-chat",
    "openai-responses",
    "anthropic-messages",
    "google-generate-content",
    "bedrock-converse",
    "mistral-chat",
    "cohere-chat",
    "ollama-chat",
)
AUTHORED_STATUSES = ("preview", "deprecated", "retired")
LIMIT_NAMES = ("rpm", "tpm", "rpd", "tpd")
CURATED_KEYS = ("source", "by", "at", "because", "url")


class Field(Value):
    """One authored key: its kind (a reader in `fields`), and what it says.

    `limit` bounds text in characters; `choices` are the known words.
    """

    __slots__ = ("about", "choices", "kind", "limit", "name")
    name: str
    kind: str
    about: str
    limit: int
    choices: tuple[str, ...]

    def __init__(
        self,
        name: str,
        kind: str,
        about: str,
        *,
        limit: int = 256,
        choices: tuple[str, ...] = (),
    ) -> None:
        set_slot(self, "name", name)
        set_slot(self, "kind", kind)
        set_slot(self, "about", about)
        set_slot(self, "limit", limit)
        set_slot(self, "choices", choices)


# in authored order
PROVIDER_FIELDS = (
    Field("provider", "provider", "Id: lower case, digits, `.`, `_` and `-`."),
    Field("name", "text", "Name as people write it."),
    Field("kind", "choice", "Who the provider is.", choices=KIND_NAMES),
    Field("description", "prose", "What the provider is.", limit=4000),
    Field("env", "names", "Environment variables that hold the key."),
    Field("credentials", "name_sets", "Sets of variables; any one set suffices."),
    Field("api", "url", "Base URL of the API."),
    Field("docs", "url", "Documentation page."),
    Field("status_page", "url", "Page that tells whether it is up."),
    Field("endpoints", "words", "Kinds of request that it takes."),
    Field(
        "authentication",
        "words",
        "Ways to prove who calls; none for [].",
        choices=tuple(AUTHENTICATION),
    ),
    Field("features", "features", "What it offers (yes) and does not (no)."),
    Field(
        "limitations", "limitations", "Limits by name: value, unit, note.", limit=400
    ),
    Field("deprecation_date", "day", "The day it stops, YYYY-MM-DD."),
    Field("default_model", "model", "Id of the model to use when none is named."),
    Field("updated_at", "stamp", "Date of the newest fact, as its source gives it."),
    Field("contract", "contract", "Rows of your own prices; never shipped."),
    Field("metadata", "any", "Anything else; never read by modeldex."),
    Field(
        "sources",
        "provider_sources",
        "Who says so: field (or `*`: all that no import writes) to source.",
    ),
)
MODEL_FIELDS = (
    Field("name", "text", "Name as people write it."),
    Field("description", "prose", "What the model is for.", limit=4000),
    Field("canonical", "canonical", "author/slug: the same model wherever served."),
    Field("alias_of", "model", "Id here that this id points to today."),
    Field("family", "text", "Line of models it belongs to."),
    Field("mode", "word", "What it does; absent means chat.", choices=MODES),
    Field("context_window", "count", "Tokens of prompt and answer together."),
    Field("max_input_tokens", "count", "Tokens a prompt may have."),
    Field("max_output_tokens", "count", "Tokens an answer may have."),
    Field(
        "limits_basis", "basis", "What limits rest on, if not a page.", choices=BASES
    ),
    Field("embedding_dimensions", "count", "Length of an embedding vector."),
    Field("pricing", "pricing", "Standard price by meter, or a state."),
    Field("rates", "rates", "Prices under conditions, by meter."),
    Field("capabilities", "capabilities", "What it can (yes) and cannot (no) do."),
    Field("modalities", "modalities", "What it takes and gives."),
    Field("status", "choice", "Flagged by its source.", choices=AUTHORED_STATUSES),
    Field("release_date", "date", "YYYY-MM-DD, YYYY-MM or YYYY."),
    Field("knowledge_cutoff", "date", "YYYY-MM-DD, YYYY-MM or YYYY."),
    Field("deprecation_date", "day", "The day it stops, YYYY-MM-DD."),
    Field("replacement", "models", "What its provider says to move to: ids or refs."),
    Field("open_weights", "flag", "Whether its weights can be downloaded."),
    Field("license", "text", "Licence of the weights."),
    Field("rate_limits", "limits", "Requests and tokens per minute or day."),
    Field("protocol", "choice", "Wire protocol of requests.", choices=PROTOCOLS),
    Field("base_url", "url", "Base URL of its API, if not the provider's."),
    Field("supported_endpoints", "texts", "Paths of the API that take it."),
    Field("request_parameters", "requests", "What a request may hold beside."),
    Field("updated_at", "stamp", "Date of the newest fact, as its source gives it."),
    Field("metadata", "any", "Anything else; never read by modeldex."),
    Field("sources", "sources", "Who says so: field (or `*`) to source name."),
)
PROVIDER_KEYS = tuple(field.name for field in PROVIDER_FIELDS)
MODEL_KEYS = tuple(field.name for field in MODEL_FIELDS)
PROVIDER_TABLE = {field.name: field for field in PROVIDER_FIELDS}
MODEL_TABLE = {field.name: field for field in MODEL_FIELDS}

# ExLLM's key -> where its value goes (a key, a part of one, or metadata)
LEGACY_PROVIDER = {
    "documentation": "docs",
    "discovered_at": "metadata",
    "model_capabilities": "metadata",
}
# keys that ExLLM writes as mappings of its own, which go to metadata
LEGACY_MAPPINGS = ("authentication",)
LEGACY_MODEL = {
    "supported_modalities": "modalities.input",
    "supported_output_modalities": "modalities.output",
    "embedding_dimension": "embedding_dimensions",
    "deprecated": "status",
    "supports_streaming": "capabilities.streaming",
    "supports_tools": "capabilities.function_calling",
    "api_type": "metadata",
    "architecture": "metadata",
    "available": "metadata",
    "batch_size": "metadata",
    "cost_score": "metadata",
    "default": "metadata",
    "endpoint": "metadata",
    "features": "metadata",
    "formats": "metadata",
    "model_info": "metadata",
    "poll_config": "metadata",
    "quantization": "metadata",
    "routing_metadata": "metadata",
    "session_states": "metadata",
    "source": "metadata",
    "supported": "metadata",
    "task_complexity_score": "metadata",
}


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of one provider file, for editors."""
    models = {
        "type": ["object", "null"],
        "description": "Models by id.",
        "propertyNames": {"pattern": r"^[A-Za-z0-9@~][A-Za-z0-9/:@+._~*-]{0,255}$"},
        "additionalProperties": {"$ref": "#/$defs/model"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "modeldex provider file",
        "type": "object",
        "required": ["provider"],
        "additionalProperties": False,
        "properties": _properties(PROVIDER_FIELDS, LEGACY_PROVIDER)
        | {"models": models},
        "$defs": {
            "model": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": _properties(MODEL_FIELDS, LEGACY_MODEL),
            },
            "flag": {
                "anyOf": [
                    {"type": "boolean"},
                    {"enum": [*sorted(TRUE_WORDS), *sorted(FALSE_WORDS)]},
                ]
            },
        },
    }


def _properties(fields: tuple[Field, ...], legacy: dict[str, str]) -> Schema:
    shown: Schema = {
        field.name: {"description": field.about, **_fragment(field)} for field in fields
    }
    for name, target in legacy.items():
        shown[name] = {
            "description": f"ExLLM's key; write {target}.",
            "deprecated": True,
        }
    return shown


def _fragment(field: Field) -> Schema:
    if field.kind in ("text", "prose"):
        return {"type": ["string", "number"], "maxLength": field.limit}
    if field.kind == "choice":
        return {"enum": list(field.choices)}
    if field.kind == "word":
        return {"type": "string", "examples": list(field.choices)}
    return _FRAGMENTS[field.kind]


def _sources(keys: tuple[str, ...], others: str = "") -> Schema:
    names = rf"\*|({'|'.join(keys)})(\.[a-z0-9_]+)*{others}"
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^({names})$"},
        "additionalProperties": {"anyOf": [{"type": "string"}, _CURATED]},
    }


_WORDS: Schema = {"type": "array", "items": {"type": "string"}}
_NAMES: Schema = {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z_]"}}
_WORD: Schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_]*$"}
_LIMIT_VALUE: Schema = {"type": ["boolean", "integer", "string", "array"]}
_LIMITATION: Schema = {
    "anyOf": [
        _LIMIT_VALUE,
        {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "properties": {
                "value": _LIMIT_VALUE,
                "unit": _WORD,
                "note": {"type": "string"},
            },
        },
    ]
}
_MODALITY_LIST: Schema = {"type": "array", "items": {"enum": list(MODALITIES)}}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_PRICE: Schema = {"type": "number", "minimum": 0, "maximum": MAX_PRICE}
_FLAG: Schema = {"$ref": "#/$defs/flag"}
_ABILITY: Schema = {"anyOf": [_FLAG, {"type": "object"}]}
_TYPES: dict[str, Schema] = {
    "flag": _FLAG,
    "count": _COUNT,
    "word": {"type": "string"},
    "words": {"type": "array", "items": {"type": "string"}},
    "flags": {"type": "object", "additionalProperties": _FLAG},
    "range": {"type": "object", "properties": {"min": _COUNT, "max": _COUNT}},
}
_CURATED: Schema = {
    "type": "object",
    "required": ["source"],
    "additionalProperties": False,
    "properties": {key: {"type": "string"} for key in CURATED_KEYS},
}


def _ability(name: str) -> Schema:
    parameters = {
        parameter: {"description": f"{row['about']}.", **_TYPES[str(row["type"])]}
        for parameter, row in PARAMETERS.get(name, {}).items()
    }
    rich = {"type": "object", "properties": parameters}
    about = f"Can {CAPABILITIES[name]}."
    return {"description": about, "anyOf": [_FLAG, rich]}


def _meter(meter: str) -> Schema:
    per = UNITS[METER_UNITS[meter]]
    amount = "Price per 1,000,000" if per > 1 else "Price per one of"
    return {"description": f"{amount} {METER_ABOUT[meter]}.", **_PRICE}


_PRICES: Schema = {meter: _meter(meter) for meter in METER_ABOUT}
_QUANTITY: Schema = {"type": "number", "minimum": 0, "maximum": MAX_COUNT}
# amounts under conditions; with `free` they are quantities
_RATES: Schema = {
    **{meter: {**_PRICES[meter], **_QUANTITY} for meter in METER_ABOUT},
    MULTIPLIER: {
        "description": "Factor on all token meters.",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": MAX_MULTIPLIER,
    },
    PERCENT_OFF: {
        "description": "Discount of your contract in percent.",
        "type": "number",
        "minimum": 0,
        "maximum": 100,
    },
}
_CONDITION = rf"({'|'.join(CONDITIONS)})=[^\s=]+"
_CONDITIONS = rf"{_CONDITION}( {_CONDITION})*"
_GLOBS: Schema = {
    "type": ["array", "string"],
    "items": {"type": "string", "maxLength": 256},
}
_ROW: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "models": {"description": "Ids; `*` stands for any characters.", **_GLOBS},
        **{
            name: {"description": f"{about}.", "type": ["string", "integer"]}
            for name, about in CONDITIONS.items()
            if name != "contract"
        },
        **_RATES,
    },
}
_FRAGMENTS: dict[str, Schema] = {
    "provider": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]*$"},
    "model": {"type": "string", "maxLength": 256},
    "canonical": {"type": "string", "pattern": "^[^/]+/.+$"},
    "names": _NAMES,
    "name_sets": {"type": "array", "items": _NAMES},
    "words": {"type": "array", "items": _WORD},
    "features": {
        "anyOf": [
            {"type": "array", "items": _WORD},
            {"type": "object", "additionalProperties": _FLAG},
        ]
    },
    "limitations": {"type": "object", "additionalProperties": _LIMITATION},
    "url": {"type": "string", "pattern": "^https?://"},
    "models": _WORDS,
    "texts": _WORDS,
    "count": _COUNT,
    "flag": _FLAG,
    "date": {"type": ["string", "integer"], "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"},
    "day": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "stamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"},
    "any": {"type": "object"},
    "limits": {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(LIMIT_NAMES, _COUNT),
    },
    "pricing": {
        "anyOf": [
            {"enum": list(STATES)},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "state": {"enum": list(STATES)},
                    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                    **_PRICES,
                },
            },
        ]
    },
    "rates": {
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {
            f"^{_CONDITIONS}$": {
                "type": "object",
                "additionalProperties": False,
                "properties": _RATES,
            }
        },
    },
    "contract": {"type": "array", "items": _ROW},
    "capabilities": {
        "anyOf": [
            {"type": "array", "items": {"enum": list(CAPABILITIES)}},
            {
                "type": "object",
                "additionalProperties": _ABILITY,
                "properties": {name: _ability(name) for name in CAPABILITIES},
            },
        ]
    },
    "basis": {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"enum": list(BASES)} for key in TOKEN_LIMITS},
    },
    "requests": {
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                _FLAG,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "values": _WORDS,
                        "min": {"type": "number"},
                        "max": {"type": "number"},
                        "default": {"type": ["number", "string"]},
                    },
                },
            ]
        },
    },
    "modalities": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"input": _MODALITY_LIST, "output": _MODALITY_LIST},
    },
    "sources": _sources(MODEL_KEYS, rf"|rates\.({'|'.join(_RATES)})@{_CONDITIONS}"),
    "provider_sources": _sources(PROVIDER_KEYS),
}
