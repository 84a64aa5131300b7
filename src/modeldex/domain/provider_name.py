"""Names of providers that no source names, and a readable guess for the rest."""

from __future__ import annotations

_NAMES = {
    "aiml": "AI/ML API",
    "anyscale": "Anyscale",
    "assemblyai": "AssemblyAI",
    "aws-polly": "Amazon Polly",
    "bespoke": "Bespoke Labs",
    "black-forest-labs": "Black Forest Labs",
    "chatgpt": "ChatGPT (subscription)",
    "clf-ai-gateway": "CLF AI Gateway",
    "codestral": "Codestral",
    "deepgram": "Deepgram",
    "elevenlabs": "ElevenLabs",
    "eu-jev": "EU-JEV",
    "fal-ai": "fal",
    "featherless-ai": "Featherless AI",
    "gigachat": "GigaChat",
    "hostinger-router": "Hostinger Router",
    "inferenceapis": "InferenceAPIs",
    "jina-ai": "Jina AI",
    "lambda-ai": "Lambda",
    "libertai": "LibertAI",
    "llamagate": "LlamaGate",
    "microsoft-365-copilot": "Microsoft 365 Copilot",
    "nlp-cloud": "NLP Cloud",
    "nscale": "Nscale",
    "openinfer": "OpenInfer",
    "publicai": "Public AI",
    "qwencloud": "Qwen Cloud",
    "qwen-token-plan-individual": "Qwen Token Plan (individual)",
    "qwen-token-plan-individual-cn": "Qwen Token Plan (individual, China)",
    "runwayml": "Runway",
    "sagemaker": "Amazon SageMaker",
    "sambanova": "SambaNova",
    "scaledown": "ScaleDown",
    "stability": "Stability AI",
    "streamlake": "StreamLake",
    "transcribe": "Amazon Transcribe",
    "voyage": "Voyage AI",
    "zerogpu": "ZeroGPU",
}
_CAPITALS = frozenset(("ai", "api", "gpu", "llm", "ml"))


def provider_name(provider: str) -> str:
    """Return the name of a provider id: from the table, else the id in title case."""
    known = _NAMES.get(provider)
    if known:
        return known
    words = provider.replace("_", "-").split("-")
    return " ".join(w.upper() if w in _CAPITALS else w.capitalize() for w in words)
