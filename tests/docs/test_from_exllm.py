"""The page for users of ExLLM has all of its functions, and only what is here."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import modeldex
from modeldex.cli import main
from modeldex.domain.session import Session
from modeldex.usecases.local_models import LocalModels

PAGE = Path(__file__).parents[2] / "docs" / "from-exllm.md"
MAP = PAGE.read_text("utf-8").partition("## Function by function")[2]
MAP = MAP.partition("\n## ")[0]
# the public functions of its registry, by section of the page
FUNCTIONS = {
    "The top module": "list_models get_model_info compare_models recommend_models "
    "find_models_with_features models_by_capability model_supports? default_model "
    "context_window_size supports_vision? supported_providers configured? "
    "estimate_tokens",
    "Core.Models": "list_all list_for_provider get_info find_by_capabilities "
    "find_by_min_context find_by_cost_range get_default compare",
    "ModelConfig": "get_pricing get_context_window get_capabilities "
    "get_max_output_tokens get_default_model get_default_model! get_all_models "
    "get_all_pricing get_all_context_windows get_model_config reload_config "
    "get_model_config_with_defaults config_dir ensure_cache_table",
    "ModelCapabilities": "get_capabilities get_model_info supports? list_features "
    "get_capability_details find_models_with_features compare_models "
    "models_by_capability recommend_models",
    "Core.Capabilities": "supports? model_supports? find_providers find_models "
    "models_by_capability normalize_capability display_name list_capabilities "
    "get_provider_capability_summary",
    "ModelLoader and ModelFetcher": "load_models clear_cache fetch_models "
    "parse_api_model filter_model transform_model_config list_models_with_loader "
    "fetch_openai_compatible_models standard_model_filter parse_standard_model "
    "transform_standard_config process_models format_model_name "
    "generate_description infer_capabilities is_chat_model? get_model_family",
    "OllamaModelRegistry": "get_model_details clear_cache generate_config "
    "update_model_config",
    "Cost": "Cost.calculate Cost.get_pricing Cost.estimate_tokens Cost.format "
    "Cost.list_pricing Cost.compare Session.new Session.add_response "
    "Session.get_summary Session.format_summary Session.provider_breakdown "
    "Session.model_breakdown Cost.Display TrackCost Context.get_context_window "
    "Context.validate_context Context.truncate_messages "
    "Context.get_token_allocation Context.stats",
    "What the fork added": "ModelCatalog.get ModelCatalog.get_by_complexity "
    "ModelCatalog.find_models ModelCatalog.list_models ModelCatalog.get_capabilities "
    "ModelCatalog.get_provider ModelCatalog.get_complexity_score "
    "ModelCatalog.get_metadata ModelCatalog.reload_models ModelRouter TaskRouter "
    "TaskMetrics ModelsDevSyncer.fetch_all ModelsDevSyncer.sync_if_needed "
    "ModelsDevSyncer.sync_to_configs ModelsDevSyncer.get_model "
    "ModelsDevSyncer.get_cached_models ModelsDevSyncer.config_is_empty? "
    "ModelsDevSyncer.sync_ttl_expired? OpenRouterPriceSyncer.sync_prices "
    "OpenRouterPriceSyncer.get_prices OpenRouterPriceSyncer.cache_fresh? "
    "OpenRouterPriceSyncer.get_cached_prices "
    "OpenRouterPriceSyncer.merge_with_models_dev ProviderFetcher.fetch "
    "ProviderFetcher.fetch_all ProviderFetcher.has_credentials? "
    "ProviderFetcher.available_providers ProviderFetcher.sync_to_configs "
    "ProviderFetcher.get_model_info ProviderFetcher.is_available?",
    "Mix tasks and scripts": "mix_ex_llm.models_dev.sync mix_ex_llm.validate "
    "mix_ex_llm.capability_matrix mix_ex_llm.config update_models.sh "
    "fetch_provider_models.py sync_from_litellm.py fetch_provider_capabilities.py",
}
GROUPS = {"ollama": LocalModels, "Session()": Session}


def rows(title: str) -> list[tuple[str, str]]:
    """Return the first two cells of a section's table."""
    part = MAP.partition(f"### {title}\n")[2].partition("\n### ")[0]
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", part, re.MULTILINE)
    return found[1:]


@pytest.mark.parametrize("title", FUNCTIONS)
def test_every_function_is_mapped(title: str) -> None:
    """Each has a row in the table of its module, and no other has."""
    named = [
        name.partition("/")[0].replace(" ", "_")
        for cell, _ in rows(title)
        for name in re.findall(r"`([A-Za-z][^`]*)`", cell)
        if name != "pricing_override"
    ]
    assert sorted(set(named)) == sorted(FUNCTIONS[title].split())


def public(span: str) -> bool:
    """Tell whether a call of the page is one of ours."""
    name = span.partition("(")[0]
    if name in modeldex.__all__:
        return True
    group, dot, method = span.removesuffix(")").rpartition("(")[0].rpartition(".")
    if dot and group in GROUPS:
        return hasattr(GROUPS[group], method)
    return hasattr(modeldex.Registry, name)


def test_what_they_map_to_is_here() -> None:
    """Each call of the second column is public, each command is there."""
    calls, commands = 0, 0
    for title in FUNCTIONS:
        for _, cell in rows(title):
            for span in re.findall(r"`([^`]+)`", cell):
                if span.startswith("modeldex "):
                    commands += 1
                    group: click.Command = main
                    for word in span.split()[1:]:
                        if not isinstance(group, click.Group):
                            break
                        found = group.get_command(click.Context(group), word)
                        assert found is not None, span
                        group = found
                elif "(" in span:
                    calls += 1
                    assert public(span), span
    assert calls > 60
    assert commands > 15
