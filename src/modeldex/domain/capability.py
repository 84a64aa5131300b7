"""The vocabulary: capabilities and the spellings that mean them, modes, modalities."""

from __future__ import annotations

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# name -> what a model that has it can do
CAPABILITIES = {
    "assistant_prefill": "continue an answer that the caller has begun",
    "audio_input": "take audio",
    "audio_output": "answer with audio",
    "batch": "run through the provider's batch interface",
    "citations": "cite its sources",
    "code_execution": "run code on the provider's side",
    "computer_use": "operate a computer through screenshots and actions",
    "embeddings": "turn text into vectors",
    "fine_tuning": "be fine-tuned by customers",
    "function_calling": "call functions (tools)",
    "image_output": "answer with images",
    "json_mode": "answer with valid JSON, without a schema",
    "logprobs": "return token log probabilities",
    "parallel_function_calling": "call several functions in one turn",
    "pdf_input": "take PDF documents",
    "prompt_caching": "reuse a cached prompt prefix at a lower price",
    "reasoning": "think before it answers",
    "seed": "take a seed for repeatable sampling",
    "streaming": "stream its answer",
    "structured_output": "answer in a given JSON schema",
    "system_messages": "take a system message",
    "temperature": "take a temperature",
    "tool_choice": "be told which function to call",
    "url_context": "read the pages behind URLs in the prompt",
    "video_input": "take video",
    "video_output": "answer with video",
    "vision": "take images",
    "web_search": "search the web while it answers",
}

# other spelling -> name in the table
ALIASES = {
    "attachment": "vision",
    "audio_analysis": "audio_input",
    "audio_generation": "audio_output",
    "audio_understanding": "audio_input",
    "chain_of_thought": "reasoning",
    "code_exec": "code_execution",
    "code_interpreter": "code_execution",
    "computer_interaction": "computer_use",
    "context_caching": "prompt_caching",
    "cot": "reasoning",
    "deep_thinking": "reasoning",
    "embed": "embeddings",
    "embedding": "embeddings",
    "finetune": "fine_tuning",
    "function_call": "function_calling",
    "functions": "function_calling",
    "grounding": "web_search",
    "image_generation": "image_output",
    "image_input": "vision",
    "image_understanding": "vision",
    "json": "json_mode",
    "json_output": "json_mode",
    "parallel_tool_calls": "parallel_function_calling",
    "pdf": "pdf_input",
    "prefill": "assistant_prefill",
    "prompt_cache": "prompt_caching",
    "response_schema": "structured_output",
    "speech_synthesis": "audio_output",
    "stream": "streaming",
    "structured_outputs": "structured_output",
    "system_prompt": "system_messages",
    "text_embedding": "embeddings",
    "text_to_image": "image_output",
    "thinking": "reasoning",
    "tool_use": "function_calling",
    "tools": "function_calling",
    "tts": "audio_output",
    "video_understanding": "video_input",
    "visual_understanding": "vision",
    "web_grounding": "web_search",
}


# kinds of work
MODES = (
    "chat",
    "embedding",
    "image_generation",
    "audio_transcription",
    "audio_speech",
    "video_generation",
    "image_edit",
    "rerank",
    "moderation",
    "realtime",
    "completion",
    "search",
    "ocr",
    "evaluation",
    "decisions",
    "extraction",
)
# what goes in and comes out
MODALITIES = ("text", "image", "audio", "video", "pdf", "file", "code", "embedding")


def canonical_capability(name: str) -> str | None:
    """Return the table's name for a spelling, or None when nothing matches.

    Case and the choice between `-`, space and `_` do not matter.
    """
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key in CAPABILITIES:
        return key
    return ALIASES.get(key)


class Capabilities(Value):
    """What a model can do: each name is yes, no or unknown.

    `name in capabilities` and iteration mean yes; `get` tells all three apart.
    """

    __slots__ = ("no", "parameters", "yes")
    yes: tuple[str, ...]
    no: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, object]]

    def __init__(
        self,
        yes: tuple[str, ...],
        no: tuple[str, ...] = (),
        parameters: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        set_slot(self, "yes", yes)
        set_slot(self, "no", no)
        set_slot(self, "parameters", parameters or {})

    def __contains__(self, name: object) -> bool:
        return name in self.yes

    def __iter__(self) -> Iterator[str]:
        return iter(self.yes)

    def __len__(self) -> int:
        return len(self.yes)

    def __hash__(self) -> int:
        return hash((self.yes, self.no))

    def get(self, name: str) -> bool | None:
        """Return True for yes, False for known not, None for unknown."""
        if name in self.yes:
            return True
        return False if name in self.no else None

    def as_dict(self) -> dict[str, object]:
        """Return name -> true, false or the parameters of a yes."""
        known: dict[str, object] = {n: self.parameters.get(n, True) for n in self.yes}
        known.update((name, False) for name in self.no)
        return dict(sorted(known.items()))
