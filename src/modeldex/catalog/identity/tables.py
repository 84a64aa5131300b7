"""How providers spell ids: the tables that the rules of identity read.

What is no row here is no rule. Where a row rests on a provider's documentation,
its page is named.
"""

from __future__ import annotations

import re

# Bedrock: geographies of inference profiles, and vendors before a model's name
# https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
REGIONS = frozenset("apac au ca eu global in jp us us-gov".split())  # noqa: SIM905
VENDORS = frozenset(
    "ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot "  # noqa: SIM905
    "moonshotai nvidia openai qwen stability twelvelabs writer xai zai".split()
)
# OCI writes `vendor.model` too, without a version
VENDOR_PROVIDERS = ("amazon-bedrock", "oci")
BEDROCK_VERSION = re.compile(r".+-v\d+(?::\d+)?(?::\d+k)?")
AWS_REGION = re.compile(r"[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d")
# regions whose prices the lists give; in others they may be higher
AWS_LIST_REGIONS = ("us-east-1", "us-west-2")
ARN = re.compile(
    r"arn:aws(?:-[a-z]+)*:bedrock:(?P<region>[a-z0-9-]+):(?P<account>\d*|aws):"
    r"(?P<kind>[a-z-]+)/(?P<name>.+)"
)
ARN_KINDS = ("foundation-model", "inference-profile", "system-inference-profile")
# words of a route that litellm writes between provider and id
ROUTES = {
    "amazon-bedrock": ("converse", "converse_like", "invoke"),
}
AZURE = ("azure", "azure-cognitive-services")
AZURE_REGION = re.compile(r"us|eu|global|global-standard")

# Vertex: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference
VERTEX = ("google-vertex", "google-vertex-anthropic")
VERTEX_VERSION = re.compile(
    r"(?P<base>[A-Za-z0-9./_-]+)@(?P<version>\d{3,8}|default|latest)"
)
VERTEX_PATH = re.compile(
    r"(?:projects/[^/]+/locations/(?P<location>[^/]+)/)?"
    r"publishers/(?P<publisher>[^/]+)/models/(?P<name>.+)"
)

# OpenRouter: https://openrouter.ai/docs/guides/routing/model-variants
ROUTERS = ("openrouter", "kilo")
VARIANTS = {
    "batch": "is charged by the batch",
    "beta": "is an endpoint of its own",
    "exacto": "picks among providers by tool calling",
    "extended": "has a longer context and a price of its own",
    "floor": "picks the cheapest provider, whose price moves",
    "free": "is not listed, so that its price is not known",
    "nitro": "picks the fastest provider, whose price may be higher",
    "online": "adds a search price that is not known",
    "thinking": "may have a price of its own",
}
# Hugging Face's router: https://huggingface.co/docs/inference-providers
SERVING_ROUTES = frozenset(
    "auto cerebras cheapest cohere fal-ai fastest featherless-ai fireworks-ai groq "  # noqa: SIM905
    "hf-inference hyperbolic nebius novita nscale ovhcloud preferred publicai "
    "replicate sambanova scaleway together wavespeed zai-org".split()
)

OLLAMA = ("ollama", "ollama-cloud")
OLLAMA_TAG = re.compile(r"(?:\d+(?:\.\d+)?[bm]|latest|cloud)(?:-[a-z0-9_.-]+)?|e\d+b")

# a name at one of these is the same with and without the path
ACCOUNT_PATHS = {
    "fireworks-ai": ("accounts/fireworks/models/", "accounts/fireworks/routers/"),
}

# provider -> the entry beside it that serves the models of others, `author/slug`
BESIDE = {"perplexity": "perplexity-agent"}

# providers that answer to `<name>-latest` for every `<name>`
# https://docs.x.ai/docs/models (aliases)
LATEST_OF_NAME = ("xai",)
# providers whose ids without a date move from one dated model to the next, so that
# a dated id that is not listed is not the one without
# https://www.alibabacloud.com/help/en/model-studio/models
MOVING = frozenset(("alibaba", "alibaba-cn", "qwencloud"))

# how an id begins -> first-party entries of its author; of several, one alone must
# have it. The entry of a brand in China (`-cn`) is another list of prices.
FIRST_PARTY = (
    (re.compile(r"claude-"), ("anthropic",)),
    (
        re.compile(
            r"(?:gpt|chatgpt|codex|o[134]|sora|dall-e|whisper|tts|text-embedding"
            r"|text-davinci|davinci|babbage|omni-moderation|computer-use|daybreak)(?:-|$)"
        ),
        ("openai",),
    ),
    (
        re.compile(r"(?:gemini|gemma|imagen|veo|lyria|learnlm|nano-banana)-"),
        ("google",),
    ),
    (
        re.compile(
            r"(?:mistral|mixtral|ministral|pixtral|codestral|devstral|magistral"
            r"|voxtral|open-mistral|open-mixtral|open-codestral|labs-devstral)-"
        ),
        ("mistral",),
    ),
    (re.compile(r"grok-"), ("xai",)),
    (re.compile(r"deepseek-"), ("deepseek",)),
    (re.compile(r"(?:command|embed|rerank|c4ai-aya|parse)(?:-|$)"), ("cohere",)),
    (re.compile(r"(?:jamba|j2)-"), ("ai21",)),
    (re.compile(r"(?:sonar|pplx|r1-1776)(?:-|$)"), ("perplexity",)),
    (re.compile(r"(?:qwen|qwq|qvq|wan)[\d.]*-"), ("alibaba",)),
    (re.compile(r"(?:kimi|moonshot)-"), ("moonshotai",)),
    (re.compile(r"minimax-"), ("minimax",)),
    (re.compile(r"glm-"), ("zai", "zhipuai")),
    (re.compile(r"mimo-"), ("xiaomi",)),
    (re.compile(r"nova-"), ("nova", "deepgram")),
    (re.compile(r"muse-"), ("meta",)),
    (re.compile(r"llama-"), ("llama",)),
    (re.compile(r"mercury"), ("inception",)),
    (re.compile(r"solar-"), ("upstage",)),
    (re.compile(r"step-"), ("stepfun", "stepfun-ai")),
    (re.compile(r"voyage-"), ("voyage",)),
    (re.compile(r"jina-"), ("jina-ai",)),
    (re.compile(r"sarvam-"), ("sarvam",)),
    (re.compile(r"morph-"), ("morph",)),
    (re.compile(r"inkling(?:-|$)"), ("thinkingmachines",)),
    (re.compile(r"eleven_"), ("elevenlabs",)),
)
