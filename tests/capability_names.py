"""Names that other catalogues use for abilities and parameters: facts, for tests."""

from __future__ import annotations

from typing import Any


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# ExLLM: 61 aliases, their 20 names, 30 names of its YAML, 65 features of its matrix,
# 21 features that it lists, 18 that it lets pass
EXLLM = _words(
    """
    tools tool_use functions function_call parallel_tool_calls images dalle
    image_gen text_to_image tts text_to_speech audio_generation
    speech_generation whisper stt speech_to_text audio_transcription transcribe
    embed embedding text_embedding vectorization computer_use desktop_control
    screen_control image_understanding visual_understanding image_input
    multimodal audio_understanding audio_analysis sound_input json json_output
    structured_data typed_outputs extended_context large_context context_window
    prompt_cache context_cache conversation_cache system_prompt
    system_instruction chain_of_thought cot deep_thinking code_exec code_runner
    code_interpreter assistant_api assistants fine_tune finetuning
    model_training web_grounding search_grounding rag stream sse
    server_sent_events function_calling parallel_function_calling
    image_generation speech_synthesis speech_recognition embeddings
    computer_interaction vision audio_input json_mode structured_outputs
    long_context prompt_caching context_caching system_messages reasoning
    code_execution assistants_api fine_tuning grounding streaming tool_choice
    structured_output pdf_input web_search audio_output chat_completions
    local_inference chat code_generation code_analysis refactoring
    semantic_search debugging batch_processing search testing documentation
    bug_fixing design_patterns agents batch_inference batch_operations
    citation_metadata code_interpretation context_window_override cost_tracking
    custom_templates document_understanding dynamic_model_listing file_uploads
    fine_tuning_api guardrails keep_alive knowledge_bases latex_rendering
    logprobs mirostat model_distribution model_evaluation model_management
    moderation multi_provider_models multi_turn_conversations multiple_images
    numa_control provisioned_throughput rate_limiting_headers raw_mode
    response_format retrieval safety_settings seed_control
    stateful_conversations stop_sequences temperature_control usage_tracking
    video_understanding xml_mode audio file_upload multi_turn token_counting
    top_p presence_penalty frequency_penalty
    """
)
# source -> its names: flags, modalities (`in:`, `out:`), parts of nested facts
SOURCES = {
    "litellm": _words(
        """
    bedrock_converse_supports_strict_tools supports_adaptive_thinking
    supports_anthropic_compaction supports_anthropic_thinking_payload
    supports_assistant_prefill supports_audio_input supports_audio_output
    supports_bedrock_converse_tool_result_images
    supports_bedrock_native_structured_output
    supports_bedrock_runtime_chat_completions_inline_reasoning
    supports_bedrock_runtime_chat_completions_response_format
    supports_bedrock_runtime_chat_completions_tools_with_reasoning
    supports_box_questions supports_computer_use supports_embedding_image_input
    supports_fast_mode supports_forced_tool_use supports_function_calling
    supports_image_input supports_image_size supports_legacy_thinking
    supports_low_reasoning_effort supports_max_reasoning_effort
    supports_mid_conversation_system supports_minimal_reasoning_effort
    supports_multimodal supports_native_streaming
    supports_native_structured_output supports_none_reasoning_effort
    supports_nova_canvas_image_edit supports_output_config
    supports_parallel_function_calling supports_parallel_tool_use_config
    supports_pdf_input supports_prompt_cache_breakpoint supports_prompt_caching
    supports_reasoning supports_regex_lookaround supports_response_schema
    supports_sampling_params supports_speed supports_system_messages
    supports_thinking_cache_preservation supports_tool_choice
    supports_tool_search supports_url_context supports_video_input
    supports_vision supports_web_search supports_xhigh_reasoning_effort
    thinking_always_on
    """
    ),
    "models.dev": _words(
        """
    attachment experimental.modes.fast experimental.modes.priority
    experimental.modes.pro experimental.modes.ultrafast in:audio in:image in:pdf
    in:text in:video interleaved interleaved.field out:audio out:image out:pdf
    out:text out:video reasoning reasoning_options.budget_tokens
    reasoning_options.effort reasoning_options.toggle structured_output
    temperature tool_call
    """
    ),
    "openrouter": _words(
        """
    frequency_penalty in:audio in:file in:image in:text in:video
    include_reasoning logit_bias logprobs max_completion_tokens max_tokens min_p
    out:audio out:embeddings out:image out:text parallel_tool_calls
    presence_penalty reasoning reasoning_effort repetition_penalty
    response_format seed stop structured_outputs temperature tool_choice tools
    top_a top_k top_logprobs top_p verbosity web_search_options
    """
    ),
    "pi-ai": _words(
        """
    cap.reasoning cap.vision in:image in:text reasoning
    """
    ),
}


def names_in_litellm(rows: dict[str, Any]) -> set[str]:
    """Return the flags of litellm's rows."""
    return {
        name
        for row in rows.values()
        for name in row
        if "supports_" in name or name == "thinking_always_on"
    }


def names_in_models_dev(providers: dict[str, Any]) -> set[str]:
    """Return the flags, modalities, reasoning options and modes of models.dev."""
    names: set[str] = set()
    models = (m for row in providers.values() for m in row["models"].values())
    for model in models:
        names |= {n for n, v in model.items() if isinstance(v, bool)}
        if isinstance(model.get("interleaved"), dict):
            names |= {f"interleaved.{key}" for key in model["interleaved"]}
        options = model.get("reasoning_options") or ()
        names |= {f"reasoning_options.{option['type']}" for option in options}
        names |= {f"in:{name}" for name in model["modalities"]["input"]}
        names |= {f"out:{name}" for name in model["modalities"]["output"]}
        modes = (model.get("experimental") or {}).get("modes", {})
        names |= {f"experimental.modes.{mode}" for mode in modes}
    return names - {"open_weights"}


def names_in_openrouter(rows: list[dict[str, Any]]) -> set[str]:
    """Return the parameters and modalities of OpenRouter's models."""
    names: set[str] = set()
    for row in rows:
        names |= set(row.get("supported_parameters") or ())
        names |= set(row.get("default_parameters") or ())
        built = row.get("architecture") or {}
        names |= {f"in:{name}" for name in built.get("input_modalities") or ()}
        names |= {f"out:{name}" for name in built.get("output_modalities") or ()}
    return names


def names_in_pi_ai(providers: dict[str, Any]) -> set[str]:
    """Return the abilities of pi-ai's flat rows."""
    rows = (row for models in providers.values() for row in models.values())
    return {name for row in rows for name in row if name.startswith("cap.")}
