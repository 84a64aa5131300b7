"""Where each provider's answer puts what was used: tables, which one engine walks.

A row is `meter<within: path | path`. A path leads from the usage object to a count;
keys are compared in lower case with `_` (`promptTokenCount` is `prompt_token_count`),
and `details[audio].token_count` is the entry of a list whose modality, ttl or type is
`audio`. `@` stands for audio, image and video, one row each. Paths joined by `|` are
spellings of one count: those that are not zero must agree. Of paths joined by `>` the
first that is stated counts.

`within` is the meter whose stated count contains this one; without it the count
stands beside all others. A row within its own meter is the plain rest, stated apart.
`output?` marks the count that some providers contain in the output and some do not:
the stated total decides.

Meters besides those of `domain.usage`: `total` is the whole of everything, `known`
needs no bucket of its own (a path may end in `*`), `unread` is a thing paid for whose
quantity nobody states.
"""

from __future__ import annotations

# paths, meter, within, and whether the first stated path counts
Row = tuple[tuple[str, ...], str, str, bool]

_TOOLS = """
searches: server_tool_use.web_search_requests
    | prompt_tokens_details.web_search_requests
known: server_tool_use.web_fetch_requests  # paid as tokens
searches: server_side_tool_usage_details.web_search_calls
    > tool_usage.web_search.num_requests > output[web_search_call]
searches: server_side_tool_usage_details.x_search_calls > output[x_search_call]
file_searches: server_side_tool_usage_details.file_search_calls
    > output[file_search_call]
sessions: output[code_interpreter_call]
known: server_side_tool_usage_details.mcp_calls
# its tokens are those of an image model, at other prices
unread: tool_usage.image_gen.total_tokens
unread: output[image_generation_call]
known: tool_usage.image_gen.*
# xAI: the sources of live search; the context of the last turn alone
searches: num_sources_used
known: context_details.*
# money, not counts
known: cost_details.*
known: cost.*
"""

_CHAT = f"""
input: prompt_tokens | input_tokens
output: completion_tokens | output_tokens
total: total_tokens
# the second and later are DeepSeek's, Mistral's, Moonshot's, xAI's and litellm's
cache_read<input: prompt_tokens_details.cached_tokens | prompt_cache_hit_tokens
    | num_cached_tokens | cached_tokens | cached_prompt_text_tokens
    | cache_read_input_tokens
cache_write<input: prompt_tokens_details.cache_write_tokens
    | prompt_tokens_details.cache_creation_tokens | cache_creation_input_tokens
cache_write_1h<cache_write:
    prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens
cache_write<cache_write:
    prompt_tokens_details.cache_creation_token_details.ephemeral_5m_input_tokens
input_@<input: prompt_tokens_details.@_tokens | prompt_@_tokens
known<input: prompt_tokens_details.text_tokens | prompt_text_tokens
known<input: prompt_cache_miss_tokens
output_@<output: completion_tokens_details.@_tokens
reasoning<output?: completion_tokens_details.reasoning_tokens | reasoning_tokens
known<output: completion_tokens_details.text_tokens
# paid like output, and part of it
known<output: completion_tokens_details.accepted_prediction_tokens
known<output: completion_tokens_details.rejected_prediction_tokens
input_audio_seconds: prompt_audio_seconds  # Mistral's, beside the tokens
{_TOOLS}
"""

_PERPLEXITY = """
input: prompt_tokens
output: completion_tokens
total: total_tokens
citation: citation_tokens
reasoning: reasoning_tokens
searches: num_search_queries
known: cost.*
"""

# the counts contain what was cached. input_token_details is of transcription,
# realtime and LangChain, whose keys there are shorter; the last are those of Codex
_CONTAINED = f"""
input: input_tokens
output: output_tokens
total: total_tokens
cache_read<input: input_tokens_details.cached_tokens
    | input_token_details.cached_tokens | input_token_details.cache_read
    | cached_input_tokens
cache_write<input: input_tokens_details.cache_write_tokens
    | input_token_details.cache_creation
cache_write_12h<cache_write:
    input_tokens_details.cache_write_tokens_details.ttl_12h_tokens
cache_write<cache_write:
    input_tokens_details.cache_write_tokens_details.ttl_30m_tokens
input_@<input: input_tokens_details.@_tokens | input_token_details.@_tokens
    | input_token_details.@
known<input: input_tokens_details.text_tokens | input_token_details.text_tokens
cache_read_@<cache_read: input_token_details.cached_tokens_details.@_tokens
known<cache_read: input_token_details.cached_tokens_details.text_tokens
reasoning<output?: output_tokens_details.reasoning_tokens
    | output_token_details.reasoning_tokens | output_token_details.reasoning
    | reasoning_output_tokens
output_@<output: output_tokens_details.@_tokens | output_token_details.@_tokens
    | output_token_details.@
known<output: output_tokens_details.text_tokens | output_token_details.text_tokens
{_TOOLS}
"""

_IMAGES = """
input: input_tokens
output_image: output_tokens
total: total_tokens
input_image<input: input_tokens_details.image_tokens
known<input: input_tokens_details.text_tokens
"""

# the counts stand beside what was cached; a compaction of Anthropic's has counts of
# its own, which are not in those of the answer
_BESIDE = f"""
input: input_tokens | input_token_count
output: output_tokens | output_token_count
total: total_tokens
cache_read: cache_read_input_tokens | cache_read_input_token_count
cache_write: cache_creation_input_tokens | cache_write_input_tokens
    | cache_write_input_token_count
cache_write_1h<cache_write: cache_creation.ephemeral_1h_input_tokens
    | cache_details[1h].input_tokens
cache_write<cache_write: cache_creation.ephemeral_5m_input_tokens
    | cache_details[5m].input_tokens
reasoning<output: output_tokens_details.thinking_tokens
known: iterations[message].*
input: iterations[compaction].input_tokens
output: iterations[compaction].output_tokens
cache_read: iterations[compaction].cache_read_input_tokens
cache_write: iterations[compaction].cache_creation_input_tokens
cache_write_1h<cache_write:
    iterations[compaction].cache_creation.ephemeral_1h_input_tokens
cache_write<cache_write:
    iterations[compaction].cache_creation.ephemeral_5m_input_tokens
reasoning<output: iterations[compaction].output_tokens_details.thinking_tokens
{_TOOLS}
"""

_GEMINI = """
input: prompt_token_count
input: tool_use_prompt_token_count
output: candidates_token_count | response_token_count
reasoning: thoughts_token_count
total: total_token_count
cache_read<input: cached_content_token_count
input_@<input: prompt_tokens_details[@].token_count
known<input: prompt_tokens_details[text].token_count
known<input: prompt_tokens_details[document].token_count
input_@<input: tool_use_prompt_tokens_details[@].token_count
known<input: tool_use_prompt_tokens_details[text].token_count
known<input: tool_use_prompt_tokens_details[document].token_count
cache_read_@<cache_read: cache_tokens_details[@].token_count
known<cache_read: cache_tokens_details[text].token_count
known<cache_read: cache_tokens_details[document].token_count
output_@<output: candidates_tokens_details[@].token_count
    | response_tokens_details[@].token_count
known<output: candidates_tokens_details[text].token_count
    | response_tokens_details[text].token_count
# paid by the prompt or by the query, as the model has it
unread: grounding_metadata.web_search_queries
"""

_INTERACTIONS = """
input: total_input_tokens
input: total_tool_use_tokens
output: total_output_tokens
reasoning: total_thought_tokens
total: total_tokens
cache_read<input: total_cached_tokens
input_@<input: input_tokens_by_modality[@].tokens
known<input: input_tokens_by_modality[text].tokens
known<input: input_tokens_by_modality[document].tokens
known<input: initial_input_tokens  # of the first turn
input_@<input: tool_use_tokens_by_modality[@].tokens
known<input: tool_use_tokens_by_modality[text].tokens
cache_read_@<cache_read: cached_tokens_by_modality[@].tokens
known<cache_read: cached_tokens_by_modality[text].tokens
output_@<output: output_tokens_by_modality[@].tokens
known<output: output_tokens_by_modality[text].tokens
unread: grounding_tool_count[google_search].count
unread: grounding_tool_count[google_maps].count
unread: grounding_tool_count[retrieval].count
"""

_COHERE = """
input: billed_units.input_tokens
output: billed_units.output_tokens
input_image: billed_units.image_tokens
input_images: billed_units.images
pages: billed_units.pages
# of a reranker: a query with up to 100 documents
requests: billed_units.search_units
requests: billed_units.classifications
known: tokens.*  # what the model saw, not what is paid
known: cached_tokens  # of those
"""

_HEADERS = """
input: x_amzn_bedrock_input_token_count
output: x_amzn_bedrock_output_token_count
cache_read: x_amzn_bedrock_cache_read_input_token_count
cache_write: x_amzn_bedrock_cache_write_input_token_count
"""

_GENERATION = """
input: native_tokens_prompt
output: native_tokens_completion
cache_read<input: native_tokens_cached
reasoning<output: native_tokens_reasoning
output_image<output: native_tokens_completion_images
unread: num_search_results
"""


def _rows(text: str) -> tuple[Row, ...]:
    """Return the rows of a table."""
    lines = [line.partition("#")[0].rstrip() for line in text.splitlines()]
    joined = "\n".join(line for line in lines if line).replace("\n    ", " ")
    rows: list[Row] = []
    for line in joined.splitlines():
        head, _, paths = line.partition(":")
        meter, _, within = head.partition("<")
        for name in ("audio", "image", "video") if "@" in line else ("",):
            spellings = paths.replace("@", name).replace(" ", "")
            alternatives = tuple(spellings.replace(">", "|").split("|"))
            row = alternatives, meter.replace("@", name), within, ">" in spellings
            rows.append(row)
    return tuple(rows)


class Shape:
    """One shape of usage: the keys that show it, and the rows that read it."""

    __slots__ = ("around", "below", "keys", "known", "name", "never", "root", "rows")

    def __init__(
        self, name: str, keys: str, rows: str, never: str = "", around: str = ""
    ) -> None:
        self.name = name
        # one of these paths, or all of those joined by `+`, must be there
        self.keys = tuple(tuple(key.split("+")) for key in keys.split())
        self.never = tuple(never.split())
        # one of these must be in the answer around the usage object
        self.around = tuple(around.split())
        self.rows = _rows(rows)
        # every path of the rows, and what stands before the `*` of some
        self.known = frozenset(path for row in self.rows for path in row[0])
        self.below = tuple(p[:-1] for p in sorted(self.known) if p.endswith("*"))
        # the usage object is the answer itself: other keys are no counts of it
        self.root = name in ROOTS


# shapes that are no object inside the answer
ROOTS = ("Ollama", "Llama on Bedrock", "Bedrock's headers", "OpenRouter's generation")
# the first shape whose keys are there reads the usage
SHAPES = (
    Shape(
        "audio transcription by duration",
        "seconds+type=duration",
        "input_audio_seconds: seconds",
    ),
    Shape(
        "Perplexity",
        "citation_tokens num_search_queries search_context_size",
        _PERPLEXITY,
    ),
    Shape(
        "OpenAI chat completions",
        "prompt_tokens completion_tokens prompt_audio_seconds",
        _CHAT,
    ),
    Shape(
        "OpenAI speech",
        "output_tokens",
        "input: input_tokens\noutput_audio: output_tokens\ntotal: total_tokens",
        around="type=speech.audio.done",
    ),
    Shape(
        "OpenAI images",
        "input_tokens_details.image_tokens input_tokens_details.text_tokens",
        _IMAGES,
        never="input_tokens_details.cached_tokens output_tokens_details",
    ),
    Shape(
        "OpenAI responses",
        "input_tokens_details input_token_details output_token_details "
        "output_tokens_details.reasoning_tokens output_tokens_details.image_tokens "
        "output_tokens_details.audio_tokens output_tokens_details.text_tokens "
        "cached_input_tokens reasoning_output_tokens",
        _CONTAINED,
        never="cache_read_input_tokens cache_creation_input_tokens cache_creation "
        "cache_write_input_tokens cache_details cache_read_input_token_count "
        "cache_write_input_token_count iterations",
    ),
    Shape(
        "Anthropic messages, Bedrock Converse, input and output tokens alone",
        "input_tokens output_tokens input_token_count output_token_count",
        _BESIDE,
        never="input_tokens_details input_token_details",
    ),
    Shape(
        "Llama on Bedrock",
        "generation_token_count",
        "input: prompt_token_count\noutput: generation_token_count",
    ),
    Shape(
        "Gemini generateContent",
        "prompt_token_count candidates_token_count response_token_count "
        "total_token_count",
        _GEMINI,
    ),
    Shape(
        "Gemini interactions", "total_input_tokens total_output_tokens", _INTERACTIONS
    ),
    Shape("Cohere", "billed_units", _COHERE),
    Shape(
        "Ollama",
        "prompt_eval_count eval_count",
        "input: prompt_eval_count\noutput: eval_count",
    ),
    Shape(
        "Bedrock's headers",
        "x_amzn_bedrock_input_token_count x_amzn_bedrock_output_token_count",
        _HEADERS,
    ),
    Shape(
        "OpenRouter's generation",
        "native_tokens_prompt native_tokens_completion",
        _GENERATION,
    ),
    Shape(
        "Mistral OCR",
        "pages_processed",
        "pages: pages_processed\nannotated_pages: pages_processed_annotation",
    ),
    Shape(
        "embeddings and rerankers that state a total alone",
        "total_tokens",
        "input: total_tokens",
        never="input_tokens output_tokens prompt_tokens completion_tokens",
        around="data results",
    ),
)

# names of numbers that are counts of something: unknown ones are not dropped
COUNT_ENDINGS = (
    *("tokens", "token_count", "requests", "queries", "searches", "calls"),
    *("seconds", "characters", "units", "images", "pages"),
)
# a modality or kind of an entry in a list of counts
ENTRY_KEYS = ("modality", "ttl", "type")
# what holds the content of an answer, and no count
CONTENT_KEYS = frozenset(
    (
        *("candidates", "choices", "content", "context", "data", "embedding"),
        *("embeddings", "logprobs", "message", "messages", "output", "response"),
        *("result", "results", "text", "thinking"),
    )
)
