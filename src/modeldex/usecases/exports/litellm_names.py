"""How litellm names a provider's models: the keys of its cost map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modeldex.usecases.exports.view import Row

# our provider -> litellm's; the others have the same name at both
NAMES = {
    "abliteration-ai": "abliteration",
    "alibaba": "dashscope",
    "aws-polly": "aws_polly",
    "black-forest-labs": "black_forest_labs",
    "clf-ai-gateway": "clf_ai_gateway",
    "cloudflare-workers-ai": "cloudflare",
    "digitalocean": "gradient_ai",
    "docker-model-runner": "docker_model_runner",
    "eu-jev": "eu_jev",
    "fal-ai": "fal_ai",
    "featherless-ai": "featherless_ai",
    "fireworks-ai": "fireworks_ai",
    "friendli": "friendliai",
    "github-copilot": "github_copilot",
    "gmicloud": "gmi",
    "google": "gemini",
    "google-vertex": "vertex_ai",
    "google-vertex-anthropic": "vertex_ai-anthropic_models",
    "hostinger-router": "hostinger_router",
    "jina-ai": "jina_ai",
    "lambda-ai": "lambda_ai",
    "llama": "meta_llama",
    "lmstudio": "lm_studio",
    "microsoft-365-copilot": "microsoft_365_copilot",
    "moonshotai": "moonshot",
    "nlp-cloud": "nlp_cloud",
    "nova": "amazon_nova",
    "novita-ai": "novita",
    "nvidia": "nvidia_nim",
    "opencode-go": "opencode_go",
    "perplexity-agent": "perplexity",
    "snowflake-cortex": "snowflake",
    "strands-decider": "strands_decider",
    "togetherai": "together_ai",
    "vercel": "vercel_ai_gateway",
    "xiaomi": "xiaomi_mimo",
    "zhipuai": "bigmodel",
}
# provider -> what stands before its models' ids, where it is not its name and a slash
_PREFIXES = {
    "ai21": "",
    "amazon-bedrock": "",
    "anthropic": "",
    "cohere": "",
    "google-vertex-anthropic": "vertex_ai/",
    "nova": "amazon-nova/",
    "openai": "",
}
_BEDROCK = "amazon-bedrock"
_REGIONS = r"[a-z]{2}(?:-gov)?-[a-z]+-\d|us|eu|apac|us-gov|global|global-standard"
_REGION = re.compile(_REGIONS)
# our provider -> the route under which it has rows for regions
_ROUTES = {_BEDROCK: "bedrock", "azure": "azure"}
# forms of keys that litellm's readers do not take for a model
_NOT_A_MODEL = re.compile(
    rf".*/\d+-month-commitment/.*|(?:.*/)?(?:\d+|max)-x-(?:\d+|max)/.*"
    rf"|(?:bedrock|bedrock_mantle|azure|azure_ai)/(?:{_REGIONS})/.*"
    r"|bedrock/(?:claude_platform|invoke)/.*|(?:openai|azure)/container"
)


def upstream_name(model: Row) -> str:
    """Return what litellm calls the provider of a model."""
    if model.provider == _BEDROCK:
        chat = "mode" not in model.facts
        return "bedrock_converse" if chat else "bedrock"
    return NAMES.get(model.provider, model.provider)


def key_of(model: Row, taken: object = ()) -> str | None:
    """Return a model's key in the map, or None where it can have none.

    `taken` holds the keys that are other models'.
    """
    upstream = upstream_name(model)
    own = f"{NAMES.get(model.provider, model.provider)}/"
    if model.provider == _BEDROCK:
        own = "bedrock/"
    prefix = _PREFIXES.get(model.provider, own)
    if not prefix and model.id.startswith((own, f"{upstream}/")):
        prefix = own
    for key in (prefix + model.id, own + model.id):
        if key not in taken and not _NOT_A_MODEL.fullmatch(key):  # type: ignore[operator]
            return key
    return None


def regional_key(model: Row, region: str) -> str | None:
    """Return the key of a model's row for a region, or None where there is none."""
    route = _ROUTES.get(model.provider)
    if route is None or not _REGION.fullmatch(region):
        return None
    return f"{route}/{region}/{model.id}"


def sized_key(model: Row, size: str, quality: str | None, steps: str | None) -> str:
    """Return the key of a model's row for images of a size, quality, steps."""
    shape = "max-x-max" if size == "max" else "-x-".join(size.split("x"))
    parts = [upstream_name(model)] if _PREFIXES.get(model.provider) != "" else []
    parts += [quality] if quality else []
    parts += [shape, *([f"{steps}-steps"] if steps else []), model.id]
    return "/".join(parts)
