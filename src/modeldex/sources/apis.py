"""The APIs that are asked for their list of models: one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.domain.provider import provider_id
from modeldex.sources import azure, gemini, openrouter, paging
from modeldex.sources.answers import decode_answer
from modeldex.sources.api import (
    CAPABILITIES,
    LIFECYCLE,
    LIMITS,
    PRESENCE,
    PRICES,
    Api,
)
from modeldex.sources.bedrock import read_bedrock
from modeldex.sources.deepgram import read_deepgram
from modeldex.sources.first_party import read_mistral, read_xai
from modeldex.sources.local_servers import read_lmstudio, read_ollama
from modeldex.sources.openai_compatible import SHAPES
from modeldex.sources.routers import (
    read_fireworks,
    read_huggingface,
    read_venice,
    read_vercel,
    read_zenmux,
)
from modeldex.sources.row_facts import reader
from modeldex.sources.row_prices import PER_MILLION, PER_TOKEN, XAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from modeldex.sources.api import Reading
    from modeldex.sources.claim import Json

_READ = {name: reader(shape) for name, shape in SHAPES.items()}
_GOOGLE_PAGE = paging.by_token("nextPageToken", "pageToken")
_ALL = (PRESENCE, LIMITS, PRICES, CAPABILITIES, LIFECYCLE)


def _api(  # noqa: PLR0913
    name: str,
    url: str,
    *keys: str,
    on: Iterable[str] = (PRESENCE,),
    read: Callable[[Sequence[Json], str, Api], Reading] | None = None,
    provider: str = "",
    auth: str = "bearer",
    units: str = "none",
    scoped: bool = False,
    local: bool = False,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    next_page: paging.NextPage | None = None,
) -> Api:
    """Return a row; the provider is the one that the name means."""
    return Api(
        name,
        provider or provider_id(name),
        url,
        read or _READ[name],
        keys=keys,
        auth=auth,
        headers=headers or {},
        parameters=parameters or {},
        defaults=defaults or {},
        units=units,
        authority=frozenset(on),
        scoped=scoped or local,
        next_page=next_page,
        local=local,
    )


APIS = (
    _api(
        "anthropic",
        "https://api.anthropic.com/v1/models?limit=1000",
        "ANTHROPIC_API_KEY",
        on=(PRESENCE, LIMITS, CAPABILITIES),
        auth="x-api-key",
        headers={"anthropic-version": "2023-06-01"},
        next_page=paging.by_last_id,
    ),
    _api(
        "azure",
        "https://{resource}.openai.azure.com/openai/v1/models?api-version=preview",
        "AZURE_OPENAI_API_KEY",
        "AZURE_API_KEY",
        on=(PRESENCE, LIFECYCLE),
        read=azure.read_azure,
        auth="api-key",
        scoped=True,
        parameters={"resource": "AZURE_RESOURCE_NAME"},
        next_page=paging.by_link("nextLink"),
    ),
    _api(
        "baseten",
        "https://inference.baseten.co/v1/models",
        "BASETEN_API_KEY",
        on=(PRESENCE, LIMITS, PRICES, CAPABILITIES),
        auth="authorization Api-Key",
        units=PER_TOKEN,
    ),
    _api(
        "bedrock",
        "https://bedrock.{region}.amazonaws.com/foundation-models",
        "AWS_BEARER_TOKEN_BEDROCK",
        on=(PRESENCE, CAPABILITIES, LIFECYCLE),
        read=read_bedrock,
        auth="aws",
        scoped=True,
        parameters={"region": "AWS_REGION"},
    ),
    _api("cerebras", "https://api.cerebras.ai/v1/models", "CEREBRAS_API_KEY"),
    _api(
        "chutes",
        "https://llm.chutes.ai/v1/models",
        on=(PRESENCE, LIMITS, PRICES, CAPABILITIES),
        units=PER_MILLION,
    ),
    _api(
        "cohere",
        "https://api.cohere.com/v1/models?page_size=1000",
        "COHERE_API_KEY",
        "CO_API_KEY",
        on=(PRESENCE, LIMITS, LIFECYCLE),
        next_page=paging.by_token("next_page_token", "page_token"),
    ),
    _api(
        "deepgram",
        "https://api.deepgram.com/v1/models",
        "DEEPGRAM_API_KEY",
        read=read_deepgram,
        auth="authorization Token",
    ),
    _api(
        "deepinfra",
        "https://api.deepinfra.com/v1/openai/models?filter=with_meta",
        on=(PRESENCE, LIMITS, PRICES),
        units=PER_MILLION,
    ),
    _api("deepseek", "https://api.deepseek.com/models", "DEEPSEEK_API_KEY"),
    _api(
        "fireworks",
        "https://api.fireworks.ai/v1/serverless/models",
        "FIREWORKS_API_KEY",
        on=(PRESENCE, LIMITS, PRICES),
        read=read_fireworks,
        units=PER_MILLION,
        scoped=True,
    ),
    _api(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        "GOOGLE_GENERATIVE_AI_API_KEY",
        on=(PRESENCE, LIMITS),
        read=gemini.read_gemini,
        auth="x-goog-api-key",
        next_page=_GOOGLE_PAGE,
    ),
    _api(
        "github-models",
        "https://models.github.ai/catalog/models",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        on=(PRESENCE, LIMITS, CAPABILITIES),
        headers={"accept": "application/vnd.github+json"},
    ),
    _api(
        "gpustack",
        "{base_url}/models",
        "GPUSTACK_API_KEY",
        on=(PRESENCE, LIMITS, CAPABILITIES),
        local=True,
        parameters={"base_url": "GPUSTACK_API_BASE"},
        next_page=paging.by_number,
    ),
    _api(
        "groq",
        "https://api.groq.com/openai/v1/models",
        "GROQ_API_KEY",
        on=(PRESENCE, LIMITS),
    ),
    _api(
        "heroku",
        "https://us.inference.heroku.com/available-models",
        on=(PRESENCE, LIFECYCLE),
    ),
    _api(
        "huggingface",
        "https://router.huggingface.co/v1/models",
        on=(PRESENCE, LIMITS, PRICES),
        read=read_huggingface,
        units=PER_MILLION,
    ),
    _api(
        "lmstudio",
        "{base_url}/api/v1/models",
        "LM_API_TOKEN",
        on=(PRESENCE, LIMITS, CAPABILITIES),
        read=read_lmstudio,
        local=True,
        parameters={"base_url": "LMSTUDIO_BASE_URL"},
        defaults={"base_url": "http://127.0.0.1:1234"},
    ),
    _api(
        "mistral",
        "https://api.mistral.ai/v1/models",
        "MISTRAL_API_KEY",
        on=(PRESENCE, LIMITS, CAPABILITIES, LIFECYCLE),
        read=read_mistral,
        scoped=True,
    ),
    _api("nvidia", "https://integrate.api.nvidia.com/v1/models"),
    _api(
        "ollama",
        "{base_url}/api/tags",
        on=(PRESENCE, LIMITS, CAPABILITIES),
        read=read_ollama,
        local=True,
        parameters={"base_url": "OLLAMA_HOST"},
        defaults={"base_url": "http://127.0.0.1:11434"},
    ),
    _api("openai", "https://api.openai.com/v1/models", "OPENAI_API_KEY", scoped=True),
    _api(
        "openrouter",
        "https://openrouter.ai/api/v1/models",
        on=_ALL,
        read=openrouter.read_openrouter,
        units=PER_TOKEN,
        next_page=paging.by_link("links", "next"),
    ),
    _api(
        "perplexity",
        "https://api.perplexity.ai/v1/models",
        "PERPLEXITY_API_KEY",
        "PPLX_API_KEY",
        on=(PRESENCE, PRICES),
        provider="perplexity-agent",
        units=PER_MILLION,
    ),
    _api(
        "together",
        "https://api.together.xyz/v1/models",
        "TOGETHER_API_KEY",
        "TOGETHER_AI_API_KEY",
        on=(PRESENCE, LIMITS, PRICES),
        units=PER_MILLION,
        scoped=True,
    ),
    _api(
        "venice",
        "https://api.venice.ai/api/v1/models?type=all",
        on=(PRESENCE, LIMITS, PRICES, CAPABILITIES),
        read=read_venice,
        units=PER_MILLION,
    ),
    _api(
        "vercel",
        "https://ai-gateway.vercel.sh/v1/models",
        on=(PRESENCE, LIMITS, PRICES),
        read=read_vercel,
        units=PER_TOKEN,
    ),
    _api(
        "vertex",
        "https://aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=100",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        on=(PRESENCE, LIFECYCLE),
        read=gemini.read_vertex,
        scoped=True,
        next_page=_GOOGLE_PAGE,
    ),
    _api(
        "vllm",
        "{base_url}/models",
        "VLLM_API_KEY",
        on=(PRESENCE, LIMITS),
        local=True,
        parameters={"base_url": "VLLM_BASE_URL"},
        defaults={"base_url": "http://127.0.0.1:8000/v1"},
    ),
    _api(
        "xai",
        "https://api.x.ai/v1/models",
        "XAI_API_KEY",
        on=(PRESENCE, LIMITS, PRICES),
        read=read_xai,
        units=XAI,
        scoped=True,
    ),
    _api(
        "zenmux",
        "https://zenmux.ai/api/v1/models",
        on=(PRESENCE, LIMITS, PRICES, CAPABILITIES),
        read=read_zenmux,
        units=PER_MILLION,
    ),
)
_BY_NAME = {api.name: api for api in APIS}
_BY_PROVIDER = {api.provider: api for api in APIS}
_OTHER_NAMES = {"github": "github-models", "vertexai": "vertex"}


def find_api(name: str) -> Api | None:
    """Return the row of a source by its name, or by a name of its provider."""
    low = name.strip().lower()
    low = _OTHER_NAMES.get(low, low)
    known = _BY_NAME.get(low) or _BY_PROVIDER.get(low)
    return known or _BY_PROVIDER.get(provider_id(name))


def read_recorded(api: Api, payload: bytes, at: str) -> Reading:
    """Read a recorded answer, plain or gzipped JSON, as of a time in UTC.

    Raises SourceFormatError when it is not what the source answers, and
    SourceDeniedError when it is the refusal of a key.
    """
    return api.read([decode_answer(payload, api.name)], at, api)


def apis_table() -> str:
    """Return the table of all rows for people, in Markdown."""
    lines = [
        "| source | provider | key | authority on | scoped | prices in |",
        "|---|---|---|---|---|---|",
    ]
    for api in APIS:
        keys = ", ".join(f"`{key}`" for key in api.keys) or "none"
        told = ", ".join(name for name in _ALL if name in api.authority)
        scoped = "this host" if api.local else "account" if api.scoped else "no"
        cells = (f"`{api.name}`", f"`{api.provider}`", keys, told, scoped, api.units)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
