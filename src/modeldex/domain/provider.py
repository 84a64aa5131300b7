"""Provider ids: one spelling each, the others that mean it, and their kinds."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot

if TYPE_CHECKING:
    from collections.abc import Mapping

# what is known of a provider, beside its id; `models` counts them
FACTS = (
    "name",
    "kind",
    "description",
    "env",
    "credentials",
    "api",
    "docs",
    "status_page",
    "endpoints",
    "authentication",
    "features",
    "limitations",
    "deprecation_date",
    "default_model",
    "models",
    "updated_at",
    "metadata",
    "sources",
)

KIND_NAMES = ("first_party", "cloud", "aggregator", "local", "plan")

# other spelling (lower case, `-` for `_` and space) -> provider id; only names of
# the very same API. Ids are those of models.dev where it has one, else the source's.
ALIASES = {
    "302-ai": "302ai",
    "abliteration": "abliteration-ai",
    "ai21-labs": "ai21",
    "aleph-alpha-api": "aleph-alpha",
    "alibaba-cloud": "alibaba",
    "alibaba-dashscope": "alibaba",
    "amazon": "amazon-bedrock",
    "amazon-nova": "nova",
    "aws": "amazon-bedrock",
    "aws-bedrock": "amazon-bedrock",
    "azure-ai": "azure",
    "azure-ai-foundry": "azure",
    "azure-foundry": "azure",
    "azure-openai": "azure",
    "azure-text": "azure",
    "bedrock": "amazon-bedrock",
    "bedrock-converse": "amazon-bedrock",
    "bedrock-mantle": "amazon-bedrock",
    "bfl": "black-forest-labs",
    "bigmodel": "zhipuai",
    "chatgpt-subscription": "chatgpt",
    "cloudflare": "cloudflare-workers-ai",
    "codex": "chatgpt",
    "cohere-chat": "cohere",
    "copilot": "github-copilot",
    "coreweave": "wandb",
    "dashscope": "alibaba",
    "deep-infra": "deepinfra",
    "featherless": "featherless-ai",
    "fireworks": "fireworks-ai",
    "fireworks-ai-embedding-models": "fireworks-ai",
    "friendliai": "friendli",
    "gemini": "google",
    "gemini-capabilities": "google",
    "gitlab-duo": "gitlab",
    "gmi": "gmicloud",
    "gmi-cloud": "gmicloud",
    "google-ai": "google",
    "google-ai-studio": "google",
    "google-gemini": "google",
    "google-genai": "google",
    "google-vertex-ai": "google-vertex",
    "gradient-ai": "digitalocean",
    "grok": "xai",
    "hf": "huggingface",
    "hugging-face": "huggingface",
    "huggingface-cerebras": "huggingface",
    "huggingface-fireworks-ai": "huggingface",
    "huggingface-groq": "huggingface",
    "huggingface-hyperbolic": "huggingface",
    "huggingface-nebius": "huggingface",
    "huggingface-novita": "huggingface",
    "huggingface-nscale": "huggingface",
    "huggingface-ovhcloud": "huggingface",
    "huggingface-publicai": "huggingface",
    "huggingface-sambanova": "huggingface",
    "huggingface-together": "huggingface",
    "ibm-watsonx": "watsonx",
    "inference-net": "inference",
    "jina": "jina-ai",
    "kimi": "moonshotai",
    "kimi-coding": "kimi-code-plan-global",
    "lambda": "lambda-ai",
    "lm-studio": "lmstudio",
    "meta-llama": "llama",
    "mistral-ai": "mistral",
    "mistralai": "mistral",
    "moonshot": "moonshotai",
    "moonshot-ai": "moonshotai",
    "nebius-ai-studio": "nebius",
    "nim": "nvidia",
    "novita": "novita-ai",
    "nvidia-nim": "nvidia",
    "oci-generative-ai": "oci",
    "openai-capabilities": "openai",
    "openai-codex": "chatgpt",
    "open-router": "openrouter",
    "opencode-zen": "opencode",
    "oracle": "oci",
    "pplx": "perplexity",
    "qwen": "alibaba",
    "qwen-ai-platform": "alibaba",
    "qwen-token-plan": "alibaba-token-plan",
    "qwen-token-plan-cn": "alibaba-token-plan-cn",
    "snowflake": "snowflake-cortex",
    "text-completion-codestral": "codestral",
    "text-completion-inception": "inception",
    "text-completion-openai": "openai",
    "together": "togetherai",
    "together-ai": "togetherai",
    "vercel-ai-gateway": "vercel",
    "vertex": "google-vertex",
    "vertex-ai": "google-vertex",
    "vertex-ai-ai21-models": "google-vertex",
    "vertex-ai-anthropic-models": "google-vertex-anthropic",
    "vertex-ai-chat-models": "google-vertex",
    "vertex-ai-code-chat-models": "google-vertex",
    "vertex-ai-code-text-models": "google-vertex",
    "vertex-ai-deepseek-models": "google-vertex",
    "vertex-ai-embedding-models": "google-vertex",
    "vertex-ai-image-models": "google-vertex",
    "vertex-ai-language-models": "google-vertex",
    "vertex-ai-llama-models": "google-vertex",
    "vertex-ai-minimax-models": "google-vertex",
    "vertex-ai-mistral-models": "google-vertex",
    "vertex-ai-moonshot-models": "google-vertex",
    "vertex-ai-openai-models": "google-vertex",
    "vertex-ai-qwen-models": "google-vertex",
    "vertex-ai-text-models": "google-vertex",
    "vertex-ai-video-models": "google-vertex",
    "vertex-ai-vision-models": "google-vertex",
    "vertex-ai-zai-models": "google-vertex",
    "vertex-anthropic": "google-vertex-anthropic",
    "vertexai": "google-vertex",
    "voyage-ai": "voyage",
    "voyageai": "voyage",
    "watsonx-ai": "watsonx",
    "weights-and-biases": "wandb",
    "workers-ai": "cloudflare-workers-ai",
    "x-ai": "xai",
    "x.ai": "xai",
    "xiaomi-mimo": "xiaomi",
    "z-ai": "zai",
    "z.ai": "zai",
    "zai-coding": "zai-coding-plan",
    "zai-coding-cn": "zhipuai-coding-plan",
    "zhipu": "zhipuai",
    "zhipu-ai": "zhipuai",
}

_BY_KIND = {
    # makes models and serves them itself
    "first_party": (
        "abliteration-ai agnes ai21 aleph-alpha alibaba alibaba-cn ant-ling anthropic "
        "arcee assemblyai bailing bespoke black-forest-labs codestral "
        "cognition cohere deepgram deepseek echo elevenlabs gigachat google inception "
        "jina-ai laya llama longcat lucidquery meta minimax minimax-cn mistral "
        "moonshotai moonshotai-cn morph nace nlp-cloud nova openai palm perplexity "
        "poolside recraft reducto runwayml sakana sarvam scaledown sensenova soniox "
        "stability stepfun stepfun-ai tencent tencent-tokenhub thinkingmachines "
        "typesafe upstage v0 vispark volcengine voyage xai xiaomi zai zhipuai"
    ),
    # runs models of others (and its own) on its own machines
    "cloud": (
        "aiand aki-io amazon-bedrock ambient amd anyscale aws-polly azure "
        "azure-cognitive-services baseten berget blueclaw cerebras chutes "
        "cloudferro-sherlock cloudflare-workers-ai clarifai coralbricks cortecs crof "
        "crusoe darkbloom databricks deepinfra digitalocean dinference doubleword drun "
        "ebcloud evroc fal-ai featherless-ai fireworks-ai friendli github-models "
        "gmicloud google-vertex google-vertex-anthropic greenpt groq heroku hetzner "
        "hpc-ai hyperbolic inceptron inference inferenceapis inferx infomaniak io-net "
        "jalapeno klokintegration kosmik lambda-ai libertai lilac llmtech meganova "
        "melious mixlayer modal modelscope nan nearai nebius neuralwatt nscale "
        "novita-ai nvidia oci ollama-cloud openinfer ovhcloud pendra pinstripes prism "
        "privatemode-ai publicai qwencloud regolo-ai replicate runinfra sagemaker sail "
        "salad-cloud sambanova sap-ai-core scaleway scx-ai siliconflow siliconflow-cn "
        "snowflake-cortex stackit streamlake submodel tensormesh tensorx tinfoil "
        "togetherai transcribe vultr wandb watsonx zerogpu"
    ),
    # passes requests on to others
    "aggregator": (
        "302ai abacus aihubmix aiml cloudflare-ai-gateway edenai fastrouter helicone "
        "huggingface kilo kyma llmgateway llmgateway-providers merge-gateway nano-gpt "
        "neon opencode openrouter opper orcarouter perplexity-agent poe "
        "quicksilverpro radius requesty routing-run tokenrouter trustedrouter "
        "unorouter venice vercel zenmux"
    ),
    # runs on the user's own machine
    "local": (
        "atomic-chat bumblebee docker-model-runner lemonade llamafile lmstudio lynkr "
        "mock ollama qvac strands-decider vllm"
    ),
    # a subscription: what it serves is paid by the month
    "plan": (
        "chatgpt cline-pass cursor github-copilot gitlab kimi-code-plan-cn "
        "kimi-code-plan-global microsoft-365-copilot opencode-go"
    ),
}

# provider id -> kind
KINDS = {name: kind for kind, names in _BY_KIND.items() for name in names.split()}

# plans that bill tokens at stated prices on top of, or against, the monthly fee
METERED_PLANS = frozenset(("cline-pass", "cursor", "github-copilot", "opencode-go"))

_PLAN_MARKS = ("coding-plan", "token-plan", "code-plan", "step-plan", "subscription")


def provider_id(name: str) -> str:
    """Return the provider id that a spelling means.

    Case, and the choice between `_`, space and `-`, do not matter. A name that is
    no known spelling comes back in the form of an id.
    """
    key = "-".join(name.strip().lower().replace("_", "-").split())
    return ALIASES.get(key, key)


def provider_kind(provider: str) -> str:
    """Return the kind of a provider id: by the table, else by its name.

    An id that says that it is a plan is one; any other unknown provider is taken
    for an aggregator, whose facts age fastest.
    """
    known = KINDS.get(provider)
    if known:
        return known
    return "plan" if any(mark in provider for mark in _PLAN_MARKS) else "aggregator"


class Provider(Value):
    """Who answers a request; a fact that is not known is None."""

    __slots__ = ("_facts", "id")
    id: str
    _facts: Mapping[str, Any]

    def __init__(self, provider: str, facts: Mapping[str, Any]) -> None:
        set_slot(self, "id", provider)
        set_slot(self, "_facts", facts)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Provider {self.id}>"

    def __getattr__(self, name: str) -> Any:
        if name in FACTS:
            return deepcopy(self._facts.get(name))
        message = f"a provider has no {name}; it has {', '.join(FACTS)}"
        raise AttributeError(message)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, all keys present."""
        return {"provider": self.id} | {name: getattr(self, name) for name in FACTS}
