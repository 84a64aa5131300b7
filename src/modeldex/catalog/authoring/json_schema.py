"""The JSON Schema of a provider file, for editors, made of the authored shape."""

from __future__ import annotations

from modeldex.catalog.authoring.schema import (
    CURATED_KEYS,
    FALSE_WORDS,
    LEGACY_MODEL,
    LEGACY_PROVIDER,
    LIMIT_NAMES,
    MAX_COUNT,
    MAX_MULTIPLIER,
    MAX_PRICE,
    MODEL_FIELDS,
    MODEL_KEYS,
    PROVIDER_FIELDS,
    PROVIDER_KEYS,
    TRUE_WORDS,
    Field,
)
from modeldex.domain.capability import CAPABILITIES, MODALITIES
from modeldex.domain.capability_details import PARAMETERS
from modeldex.domain.pricing import (
    CONDITIONS,
    METER_ABOUT,
    METER_UNITS,
    MULTIPLIER,
    PERCENT_OFF,
    STATES,
    UNITS,
)
from modeldex.domain.record import BASES
from modeldex.domain.record import LIMIT_NAMES as TOKEN_LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Schema = dict[str, Any]


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
