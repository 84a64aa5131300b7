"""Who makes a model: by the name before its own, and by how its own name begins."""

from __future__ import annotations

import re

# name before a model's own (lower case) -> author, in models.dev's spelling; a name
# that is its own author stands in its group alone
_NAMES = {
    "ai21": "ai21",
    "alibaba": "alibaba bailian qwen alicloud",
    "amazon": "amazon",
    "anthropic": "anthropic azure-anthropic vertex-anthropic",
    "arcee-ai": "arcee-ai arcee",
    "bytedance-seed": "bytedance-seed bytedance volcengine",
    "cohere": "cohere coherelabs cohereforai",
    "deepseek": "deepseek deepseek-ai",
    "google": "google google-ai-studio gemini",
    "ibm": "ibm ibm-granite",
    "inception": "inception",
    "inclusionai": "inclusionai",
    "liquid": "liquid liquidai",
    "meituan": "meituan meituan-longcat",
    "meta": "meta meta-llama meta-models meta-contributor codellama",
    "microsoft": "microsoft",
    "minimax": "minimax minimaxai",
    "mistral": "mistral mistralai mistral-ai",
    "moonshotai": "moonshotai moonshot moonshot-ai kimi",
    "nvidia": "nvidia",
    "openai": "openai vertex-openai",
    "perplexity": "perplexity perplexityai",
    "sarvam": "sarvam sarvamai",
    "stepfun": "stepfun stepfun-ai",
    "tencent": "tencent",
    "upstage": "upstage",
    "writer": "writer",
    "xai": "xai x-ai spacexai grok",
    "xiaomi": "xiaomi xiaomimimo xiaomi-mimo mimo",
    "zhipuai": "zhipuai zhipu zai z-ai zai-org thudm",
}
AUTHORS = {name: author for author, names in _NAMES.items() for name in names.split()}
# names before a model's own that are who serves it, or who copied it, never its author
NO_AUTHORS = frozenset(
    "accounts aws-bedrock aws-mantle azure azure-ai-foundry baseten bedrock canopywave "  # noqa: SIM905
    "cerebras cline-pass databricks deepinfra embercloud empiriolabs evroc "
    "featherless-ai featherless flux fireworks fireworks-ai fireworks_ai flexai "
    "gonka24 "
    "google-vertex groq hf huggingface huihui-ai infer inference.net kilo-auto "
    "lmstudio-community lukealonso meganova-ai models neuralmagic nebius nanogpt "
    "novita ollama openrouter orcarouter ovhcloud ps public publicai routers "
    "runware scaleway scx-ai scx-ai-gp siliconflow stealth tee thebloke together "
    "together-ai togethercomputer trustedrouter unsloth vercel vertex workers-ai @cf "
    "@oi @hf".split()
)
# how a model's own name begins -> author; the first that matches decides
FAMILIES = tuple(
    (re.compile(pattern), author)
    for pattern, author in (
        (r".*nemotron", "nvidia"),
        (r"claude-", "anthropic"),
        (r"(?:gpt|chatgpt|codex|o[134]|computer-use|daybreak)(?:-|$)", "openai"),
        (r"(?:gemini|gemma|medgemma|learnlm)[-\d]", "google"),
        (r"(?:open-)?(?:mistral|mixtral|ministral|pixtral|codestral)-", "mistral"),
        (r"(?:devstral|magistral|voxtral|leanstral)-", "mistral"),
        (r"grok-", "xai"),
        (r"deepseek-", "deepseek"),
        (r"(?:qwen|qwq|qvq)[-\d]", "alibaba"),
        (r"(?:kimi|moonshot)-", "moonshotai"),
        (r"minimax-", "minimax"),
        (r"glm-", "zhipuai"),
        (r"(?:llama|codellama|muse)-", "meta"),
        (r"mimo-", "xiaomi"),
        (r"(?:command|c4ai)(?:-|$)", "cohere"),
        (r"jamba-", "ai21"),
        (r"nova-(?:2-)?(?:lite|micro|pro|premier|sonic|omni)", "amazon"),
        (r"titan-", "amazon"),
        (r"phi-\d", "microsoft"),
        (r"mai-", "microsoft"),
        (r"(?:doubao|seed)-", "bytedance-seed"),
        (r"(?:hy\d|hunyuan)", "tencent"),
        (r"step-\d", "stepfun"),
        (r"(?:sonar|pplx)(?:-|$)", "perplexity"),
        (r"(?:ling|ring|ming)-", "inclusionai"),
        (r"longcat-", "meituan"),
        (r"granite-", "ibm"),
        (r"mercury(?:-|$)", "inception"),
        (r"palmyra-", "writer"),
        (r"solar-", "upstage"),
        (r"inkling(?:-|$)", "thinkingmachines"),
        (r"ernie-", "baidu"),
        (r"hermes-\d", "nousresearch"),
        (r"laguna-", "poolside"),
        (r"fugu(?:-|$)", "sakana"),
        (r"lfm", "liquid"),
        (r"sarvam-", "sarvam"),
        (r"dbrx-", "databricks"),
        (r"olmo-", "allenai"),
        (r"trinity-", "arcee-ai"),
        (r"morph-", "morph"),
        (r"aion-", "aion-labs"),
    )
)
# providers that make what they serve -> author: what they list is what exists
MAKERS = {
    "ai21": "ai21",
    "anthropic": "anthropic",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "google": "google",
    "inception": "inception",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "morph": "morph",
    "nova": "amazon",
    "openai": "openai",
    "perplexity": "perplexity",
    "sakana": "sakana",
    "sarvam": "sarvam",
    "stepfun": "stepfun",
    "upstage": "upstage",
    "xai": "xai",
    "xiaomi": "xiaomi",
    "zai": "zhipuai",
    "zhipuai": "zhipuai",
}
# what these make exists only where they list it: no weights are handed out
CLOSED = re.compile(
    r"anthropic/|xai/|google/gemini|openai/(?!gpt-oss|whisper|clip)|perplexity/sonar"
)
CLOSED_NAMES = re.compile(
    r"(?:anthropic-|openai-|google-|xai-)?(?:claude|gpt(?!-oss)|o[134]|gemini|grok|sonar)[-\d]"
)


def author_of(hint: str, slug: str) -> str | None:
    """Return who makes a model: by the name before it, else by its own name."""
    named = AUTHORS.get(hint)
    family = next((author for rule, author in FAMILIES if rule.match(slug)), None)
    if named and family:
        return family  # a maker may serve, or quantize, what others make
    if named or not hint or hint in NO_AUTHORS:
        return named or family
    return hint
