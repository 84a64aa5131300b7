"""The authored YAML shape as a table: known keys, their kinds and limits.

`load` types every scalar by this table, `edit` orders and writes keys by it, and
`json_schema` turns it into the JSON Schema that editors read.
"""

from __future__ import annotations

from modeldex.domain import Value, set_slot
from modeldex.domain.capability import MODES
from modeldex.domain.feature import AUTHENTICATION
from modeldex.domain.provider import KIND_NAMES
from modeldex.domain.record import BASES

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
AUTHORED_STATUSES = ("preview", "deprecated", "retired", "disabled")
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
