"""Prices of the hand-worked costs, as authored, each with its source."""

from golden.costs import Prices

ASTRA = Prices(
    "gpt-6-astra",
    "litellm 1.109.1: gpt-6-astra",
    "{input: 10, output: 50, cache_read: 1, cache_write: 12.5,"
    " cache_write_12h: 25, searches: 0.01}",
    """
above=272000:
  {input: 20, output: 75, cache_read: 2, cache_write: 25, cache_write_12h: 50}
service_tier=batch:
  {input: 5, output: 25, cache_read: 0.5, cache_write: 6.25, cache_write_12h: 12.5}
service_tier=batch above=272000:
  {input: 10, output: 37.5, cache_read: 1, cache_write: 12.5, cache_write_12h: 25}
service_tier=flex:
  {input: 5, output: 25, cache_read: 0.5, cache_write: 6.25, cache_write_12h: 12.5}
service_tier=flex above=272000:
  {input: 10, output: 37.5, cache_read: 1, cache_write: 12.5, cache_write_12h: 25}
service_tier=priority:
  {input: 20, output: 100, cache_read: 2, cache_write: 25, cache_write_12h: 50}
service_tier=priority above=272000:
  {input: 40, output: 150, cache_read: 4, cache_write: 50, cache_write_12h: 100}
service_tier=ultrafast:
  {input: 60, output: 300, cache_read: 6, cache_write: 75, cache_write_12h: 150}
service_tier=ultrafast above=272000:
  {input: 120, output: 450, cache_read: 12, cache_write: 150, cache_write_12h: 300}
region=eu: {multiplier: 1.1}
region=us: {multiplier: 1.1}
""",
)
QWEN_MAX = Prices(
    "qwen3-max",
    "litellm 1.109.1: dashscope/qwen3-max",
    "{input: 1.2, output: 6}",
    """
above=32000: {input: 2.4, output: 12}
above=128000: {input: 3, output: 15}
""",
)
THREE_STEPS = Prices(
    "three-steps",
    "rule",
    "{input: 1, output: 2}",
    """
above=1000: {input: 2}
above=10000: {input: 3}
above=100000: {input: 4}
""",
)
MARGINAL = Prices(
    "marginal",
    "rule",
    "{input: 4, output: 8}",
    """
beyond=10000: {input: 3}
beyond=100000: {input: 2}
""",
)
TIERED_ANSWER = Prices(
    "tiered-answer",
    "rule",
    "{input: 1, output: 4, reasoning: 4}",
    "above=1000: {input: 2, output: 6}",
)
GEMINI_PRO = Prices(
    "gemini-2.5-pro",
    "litellm 1.109.1: gemini/gemini-2.5-pro",
    "{input: 1.25, output: 10, cache_read: 0.125, searches: 0.035,"
    " map_searches: 0.025}",
    """
above=200000: {input: 2.5, output: 15, cache_read: 0.25}
service_tier=priority: {input: 2.25, output: 18, cache_read: 0.225}
service_tier=priority above=200000: {input: 4.5, output: 27, cache_read: 0.45}
service_tier=batch: {input: 0.625, output: 5, cache_read: 0.125}
service_tier=batch above=200000: {input: 1.25, output: 7.5, cache_read: 0.25}
service_tier=flex: {input: 0.625, output: 5, cache_read: 0.125}
""",
)
HAIKU = Prices(
    "claude-haiku-5-5",
    "litellm 1.109.1: claude-haiku-5-5",
    "{input: 0.1, output: 0.5, cache_read: 0.01, cache_write: 0.125,"
    " cache_write_1h: 0.2, searches: 0.01}",
    """
above=100000:
  {input: 0.5, output: 2.5, cache_read: 0.05, cache_write: 0.625, cache_write_1h: 1}
service_tier=batch: {input: 0.05, output: 0.25, cache_read: 0.005, cache_write: 0.0625}
service_tier=batch above=100000:
  {input: 0.25, output: 1.25, cache_read: 0.025, cache_write: 0.3125}
region=us: {multiplier: 1.1}
""",
)
SONNET = Prices(
    "claude-sonnet-4-5",
    "litellm 1.109.1: claude-sonnet-4-5",
    "{input: 3, output: 15, cache_read: 0.3, cache_write: 3.75,"
    " cache_write_1h: 6, searches: 0.01}",
    "service_tier=batch:"
    " {input: 1.5, output: 7.5, cache_read: 0.15, cache_write: 1.875}",
)
OPUS = Prices(
    "claude-opus-5",
    "litellm 1.109.1: claude-opus-5",
    "{input: 5, output: 25, cache_read: 0.5, cache_write: 6.25,"
    " cache_write_1h: 10, searches: 0.01}",
    """
service_tier=batch: {input: 2.5, output: 12.5, cache_read: 0.25, cache_write: 3.125}
service_tier=fast: {multiplier: 2}
region=us: {multiplier: 1.1}
""",
)
GPT_4O = Prices(
    "gpt-4o",
    "litellm 1.109.1: gpt-4o",
    "{input: 2.5, output: 10, cache_read: 1.25}",
    """
service_tier=batch: {input: 1.25, output: 5}
service_tier=priority: {input: 4.25, output: 17, cache_read: 2.125}
""",
)
AZURE_GPT_5 = Prices(
    "azure-gpt-5",
    "litellm 1.109.1: azure/gpt-5-2025-08-07, azure/eu/…, azure/us/…",
    "{input: 1.25, output: 10, cache_read: 0.125, searches: 0.014}",
    """
service_tier=batch: {input: 0.625, output: 5, cache_read: 0.0625}
service_tier=priority: {input: 2.5, output: 20, cache_read: 0.25}
region=eu: {input: 1.375, output: 11, cache_read: 0.1375}
region=us: {input: 1.375, output: 11, cache_read: 0.1375}
service_tier=batch region=eu: {input: 0.6875, output: 5.5, cache_read: 0.06875}
service_tier=priority region=eu: {input: 2.75, output: 22, cache_read: 0.275}
""",
)
AZURE_GPT_5_PRO = Prices(
    "azure-gpt-5.4-pro",
    "litellm 1.109.1: azure/gpt-5.4-pro, azure/eu/…",
    "{input: 30, output: 180, cache_read: 3}",
    "region=eu: {input: 33, output: 198}",
)
VERTEX_FLASH = Prices(
    "gemini-3.5-flash",
    "litellm 1.109.1: vertex_ai/gemini-3.5-flash",
    "{input: 1.5, output: 9, reasoning: 9, cache_read: 0.15, input_audio: 1.5,"
    " searches: 0.014, map_searches: 0.014}",
    """
service_tier=batch: {input: 0.75, output: 4.5, cache_read: 0.075}
service_tier=priority: {input: 2.7, output: 16.2, cache_read: 0.27, input_audio: 2.7}
region=regional: {multiplier: 1.1}
free=month pool=gemini-3: {searches: 5000}
""",
)

EMBEDDING = Prices(
    "text-embedding-3-small",
    "litellm 1.109.1: text-embedding-3-small",
    "{input: 0.02, output: 0}",
    "service_tier=batch: {input: 0.01, output: 0}",
)
TINY = Prices("tiny", "rule", "{input: 0.0000000001, output: 7e-12}")
ODD = Prices(
    "odd",
    "genai-prices 0.2.3: ~google/gemini-flash-latest, first period",
    "{input: 1.5, output: 9, cache_read: 0.15, cache_write: 0.08333333333333334}",
)
INPUT_ALONE = Prices("input-alone", "rule", "{input: 3}")
EUROS = Prices("euros", "rule", "{currency: EUR, input: 2, output: 6}")
YUAN = Prices("yuan", "rule", "{currency: CNY, input: 0.8, output: 2}")
UNKNOWN = Prices("unknown", "rule", "{}")
FREE = Prices("free", "rule", "free")
INCLUDED = Prices("included", "rule", "{state: included}")
VARIABLE = Prices("variable", "rule", "{state: variable}")
