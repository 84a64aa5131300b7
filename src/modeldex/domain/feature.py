"""What providers offer beside what their models can: a vocabulary of its own.

A feature is named by a capability where there is one (`domain.capability`); the
table here has the rest. An endpoint is named by an open word.
"""

from __future__ import annotations

from modeldex.domain.capability import canonical_capability

# name -> what a provider that has it offers
FEATURES = {
    "agents": "host agents",
    "assistants_api": "keep assistants and their threads on its side",
    "chat": "answer a conversation",
    "completions": "continue a text that is no conversation",
    "context_window_override": "set the context window per request",
    "cost_tracking": "bill each call by what it used",
    "custom_templates": "replace a model's prompt template",
    "files": "keep uploaded files to refer to",
    "guardrails": "filter prompts and answers by rules of the customer",
    "keep_alive": "say how long a model stays in memory",
    "long_context": "take 100,000 tokens or more",
    "messages": "answer Anthropic's Messages request",
    "mirostat": "sample by Mirostat",
    "model_distribution": "publish models for others to pull",
    "model_evaluation": "run evaluations",
    "model_listing": "list its models through its API",
    "model_management": "pull, copy and delete models through its API",
    "moderation": "tell whether a text is harmful",
    "multi_provider_models": "serve models of several makers",
    "multiple_images": "take several images in one request",
    "numa_control": "choose the memory nodes it runs on",
    "ocr": "turn pages into text",
    "provisioned_throughput": "reserve capacity",
    "rate_limiting_headers": "tell in headers what is left of the rate limits",
    "raw_mode": "take a prompt without a template",
    "realtime": "talk over a connection that stays open",
    "rerank": "order documents by how well they answer a query",
    "responses": "answer OpenAI's Responses request",
    "safety_settings": "set per request what is filtered",
    "stateful_conversations": "keep a conversation on its side between calls",
    "token_counting": "count the tokens of a request before it is made",
    "usage_tracking": "report the tokens of each call",
}

# other spelling -> name; asked only for what is no spelling of a capability
ALIASES = {
    "assistants": "assistants_api",
    "batches": "batch",
    "chat_completions": "chat",
    "converse": "chat",
    "count_tokens": "token_counting",
    "dynamic_model_listing": "model_listing",
    "file_upload": "files",
    "file_uploads": "files",
    "list_models": "model_listing",
    "models": "model_listing",
    "moderations": "moderation",
    "transcriptions": "speech_recognition",
    "vector_stores": "file_search",
    "videos": "video_output",
}

# how a caller may prove who it is -> what that is
AUTHENTICATION = {
    "api_key": "a key in a header or parameter of the provider's own",
    "aws_signature": "AWS Signature Version 4 by an access key",
    "bearer_token": "a key or token in the header `Authorization: Bearer`",
    "entra_id": "a token of Microsoft Entra ID",
    "github_token": "a GitHub token",
    "iam_role": "the role of the machine or workload that calls",
    "iam_token": "a token that the cloud gives for an API key",
    "oauth2": "an OAuth 2.0 access token",
    "service_account": "the key file of a service account",
}

# kinds of work that are a feature: feature -> mode of the models that do it
FEATURE_MODES = {
    "chat": "chat",
    "completions": "completion",
    "embeddings": "embedding",
    "image_generation": "image_generation",
    "image_output": "image_generation",
    "moderation": "moderation",
    "ocr": "ocr",
    "audio_output": "audio_speech",
    "realtime": "realtime",
    "rerank": "rerank",
    "speech_recognition": "audio_transcription",
    "speech_synthesis": "audio_speech",
    "video_output": "video_generation",
}
LONG_CONTEXT = 100_000  # tokens


def feature_name(name: str) -> str:
    """Return the one name of a feature or endpoint: a capability's where it is one.

    A word that no table knows comes back in lower case with `_`.
    """
    known = canonical_capability(name)
    if known:
        return known
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    found = ALIASES.get(key, key)
    return canonical_capability(found) or found


def is_feature(name: str) -> bool:
    """Tell whether a spelling means a capability or a feature of the table."""
    found = feature_name(name)
    return found in FEATURES or canonical_capability(found) is not None
