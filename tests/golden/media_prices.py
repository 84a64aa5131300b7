"""Prices of audio, images, video, pages, searches and tools, as authored."""

from golden.costs import Prices

FLASH = Prices(
    "gemini-2.5-flash",
    "litellm 1.109.1: gemini-2.5-flash",
    "{input: 0.3, output: 2.5, reasoning: 2.5, cache_read: 0.03, input_audio: 1,"
    " cache_read_audio: 0.1, searches: 0.035, map_searches: 0.025}",
    """
service_tier=batch: {input: 0.15, output: 1.25, input_audio: 0.5}
service_tier=flex: {input: 0.15, output: 1.25, cache_read: 0.03}
service_tier=priority: {input: 0.54, output: 4.5, cache_read: 0.054, input_audio: 1.8}
free=day pool=gemini-2-flash: {searches: 1500}
""",
)
REALTIME = Prices(
    "gpt-realtime",
    "litellm 1.109.1: gpt-realtime",
    "{input: 4, output: 16, cache_read: 0.4, input_audio: 32, output_audio: 64,"
    " input_image: 5, cache_read_audio: 0.4, cache_read_image: 0.5,"
    " cache_write_audio: 0.4}",
)
SONIC = Prices(
    "amazon.nova-2-sonic-v1:0",
    "litellm 1.109.1: amazon.nova-2-sonic-v1:0",
    "{input: 0.33, output: 2.75, input_audio: 3, output_audio: 12}",
)
MINI_TTS = Prices(
    "gpt-4o-mini-tts",
    "litellm 1.109.1: gpt-4o-mini-tts",
    "{input: 0.6, output: 10, output_audio: 12, output_audio_seconds: 0.00025}",
)
TTS = Prices("tts-1", "litellm 1.109.1: tts-1", "{input_characters: 15}")
WHISPER = Prices(
    "whisper-1", "litellm 1.109.1: whisper-1", "{input_audio_seconds: 0.0001}"
)
NOVA_3 = Prices(
    "nova-3", "litellm 1.109.1: deepgram/nova-3", "{input_audio_seconds: 0.00007167}"
)
WHISPER_LARGE = Prices(
    "whisper-large-v3",
    "genai-prices 0.2.3: groq whisper-large-v3",
    "{}",
    "per=3600: {input_audio_seconds: 0.111}",
)
GROK_VOICE = Prices(
    "grok-voice-latest",
    "genai-prices 0.2.3: x-ai grok-voice-latest",
    "{messages: 0.004}",
    """
per=3600: {input_audio_seconds: 4.8}
valid_to=2026-08-05 per=3600: {input_audio_seconds: 3}
""",
)
GPT_IMAGE = Prices(
    "gpt-image-1",
    "litellm 1.109.1: gpt-image-1",
    "{input: 5, cache_read: 1.25, input_image: 10, cache_read_image: 2.5,"
    " output_image: 40}",
    "service_tier=batch: {input: 2.5, input_image: 5, cache_read: 0.63}",
)
NANO_BANANA = Prices(
    "nano-banana-2",
    "litellm 1.109.1: fal_ai/fal-ai/nano-banana-2",
    "{output_images: 0.08}",
    """
resolution=0.5k: {output_images: 0.06}
resolution=1k: {output_images: 0.08}
resolution=2k: {output_images: 0.12}
resolution=4k: {output_images: 0.16}
""",
)
DALL_E = Prices(
    "dall-e-3",
    "litellm 1.109.1: azure/standard/1024-x-1024/dall-e-3 and azure/hd/…",
    "{}",
    """
size=1024x1024 quality=hd: {output_pixels: 0.0839233}
size=1024x1024 quality=standard: {output_pixels: 0.0419617}
size=1792x1024 quality=hd: {output_pixels: 0.0719343}
""",
)
CANVAS = Prices(
    "amazon.nova-canvas-v1:0",
    "litellm 1.109.1: amazon.nova-canvas-v1:0, 1024-x-1024/50-steps/…",
    "{output_images: 0.06}",
    "size=1024x1024 steps=50: {output_images: 0.06}",
)
SIZED = Prices(
    "sized",
    "rule",
    "{output_images: 0.04}",
    """
size=1024x1792: {output_images: 0.08}
size=1024x1792 quality=hd: {output_images: 0.12}
""",
)
VEO = Prices(
    "veo-3.1-generate-preview",
    "litellm 1.109.1: gemini/veo-3.1-generate-preview",
    "{output_video_seconds: 0.4}",
    "resolution=4k: {output_video_seconds: 0.6}",
)
WAN = Prices(
    "wan3.0-video",
    "litellm 1.109.1: dashscope/wan3.0-video",
    "{output_video_seconds: 0.165025}",
    """
resolution=480p: {output_video_seconds: 0.041256}
resolution=720p: {output_video_seconds: 0.082513}
resolution=1080p: {output_video_seconds: 0.165025}
""",
)
SORA = Prices(
    "sora-2-pro", "litellm 1.109.1: sora-2-pro", "{output_video_seconds: 0.3}"
)
OCR = Prices(
    "mistral-ocr-latest",
    "litellm 1.109.1: mistral/mistral-ocr-latest",
    "{pages: 0.004, annotated_pages: 0.005}",
    "service_tier=batch: {pages: 0.002, annotated_pages: 0.0025}",
)
MULTIMODAL = Prices(
    "multimodalembedding",
    "litellm 1.109.1: multimodalembedding",
    "{input: 0.8, input_characters: 0.2, input_images: 0.0001,"
    " input_video_seconds: 0.0005}",
)
RERANK = Prices(
    "amazon.rerank-v1:0",
    "litellm 1.109.1: amazon.rerank-v1:0",
    "{input: 0, output: 0, requests: 0.001}",
)
COHERE_RERANK = Prices(
    "rerank-v3.5",
    "litellm 1.109.1: rerank-v3.5",
    "{input: 0, output: 0, requests: 0.002}",
)
SONAR = Prices(
    "sonar",
    "litellm 1.109.1: perplexity/sonar",
    "{input: 1, output: 1, requests: 0.008}",
    """
search_context=low: {requests: 0.005}
search_context=medium: {requests: 0.008}
search_context=high: {requests: 0.012}
""",
)
DEEP_RESEARCH = Prices(
    "sonar-deep-research",
    "litellm 1.109.1: perplexity/sonar-deep-research",
    "{input: 2, output: 8, reasoning: 3, citation: 2, searches: 0.005}",
)
PPLX_ONLINE = Prices(
    "pplx-70b-online",
    "litellm 1.109.1: perplexity/pplx-70b-online",
    "{input: 0, output: 2.8, requests: 0.005}",
)
SEARCHER = Prices(
    "searcher",
    "rule",
    "{searches: 0.01}",
    """
search_context=low: {searches: 0.008}
search_context=high: {searches: 0.025}
""",
)
TOOLS = Prices(
    "tools",
    "litellm 1.109.1: openai/container; genai-prices 0.2.3: gpt-4.1; rule for gb_days",
    "{sessions: 0.03, file_searches: 0.0025, gb_days: 0.1}",
    "free=day: {gb_days: 1}",
)
COMPUTE = Prices("compute", "rule", "{seconds: 0.000725}")
