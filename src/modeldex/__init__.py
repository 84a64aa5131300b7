"""modeldex tells which LLM models exist, what they can do, and what they cost.

>>> import modeldex
>>> modeldex.get_info("openai", "gpt-4o").pricing.input
Decimal('2.5')
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Unpack

    from modeldex.bootstrap import open  # noqa: A004
    from modeldex.catalog import Lookup
    from modeldex.catalog.finder import Finder, Terms
    from modeldex.catalog.query import Query
    from modeldex.domain.capability import Capabilities
    from modeldex.domain.change import Change
    from modeldex.domain.cost import Cost
    from modeldex.domain.dated_pricing import DatedPricing
    from modeldex.domain.listed import Listed
    from modeldex.domain.local_model import LocalModel
    from modeldex.domain.model import Model, Pricing
    from modeldex.domain.pricing import Rate
    from modeldex.domain.provider import Provider
    from modeldex.domain.resolution import Resolution
    from modeldex.domain.session import Session, format_cost
    from modeldex.domain.tokens import estimate_tokens
    from modeldex.domain.usage import Usage, read_usage
    from modeldex.errors import ModeldexError
    from modeldex.registry import Registry

    __version__: str
    _default: Registry = open()
    as_of = _default.as_of
    capability_counts = _default.capability_counts
    changes = _default.changes
    clear_cache = _default.clear_cache
    compare = _default.compare
    compare_costs = _default.compare_costs
    compare_providers = _default.compare_providers
    cost = _default.cost
    cost_of_response = _default.cost_of_response
    everywhere = _default.everywhere
    describe_capability = _default.describe_capability
    edits = _default.edits
    reviews = _default.reviews
    expiring = _default.expiring
    export = _default.export
    find_by_capabilities = _default.find_by_capabilities
    find_by_cost_range = _default.find_by_cost_range
    find_by_min_context = _default.find_by_min_context
    find_providers = _default.find_providers
    fits = _default.fits
    get_all_context_windows = _default.get_all_context_windows
    get_all_models = _default.get_all_models
    get_all_pricing = _default.get_all_pricing
    get_auth_methods = _default.get_auth_methods
    get_capabilities = _default.get_capabilities
    get_capability_details = _default.get_capability_details
    get_context_window = _default.get_context_window
    get_default = _default.get_default
    get_default_model = _default.get_default_model
    get_endpoints = _default.get_endpoints
    get_limitations = _default.get_limitations
    get_max_output_tokens = _default.get_max_output_tokens
    get_model_config = _default.get_model_config
    get_pricing = _default.get_pricing
    get_provider = _default.get_provider
    get_token_allocation = _default.get_token_allocation
    history = _default.history
    is_configured = _default.is_configured
    is_local = _default.is_local
    list_all = _default.list_all
    list_features = _default.list_features
    list_for_provider = _default.list_for_provider
    list_providers = _default.list_providers
    load_models = _default.load_models
    local = _default.local
    local_servers = _default.local_servers
    models_by_capability = _default.models_by_capability
    ollama = _default.ollama
    price = _default.price
    provider_info = _default.provider_info
    provider_matrix = _default.provider_matrix
    provider_supports = _default.provider_supports
    providers = _default.providers
    recommend = _default.recommend
    recommend_providers = _default.recommend_providers
    reload_config = _default.reload_config
    requires_auth = _default.requires_auth
    resolve = _default.resolve
    revisions = _default.revisions
    supports = _default.supports
    truncate_messages = _default.truncate_messages
    validate_context = _default.validate_context

__all__ = [
    "Capabilities",
    "Change",
    "Cost",
    "DatedPricing",
    "Listed",
    "LocalModel",
    "Model",
    "ModeldexError",
    "Pricing",
    "Provider",
    "Query",
    "Rate",
    "Registry",
    "Resolution",
    "Session",
    "Usage",
    "as_of",
    "capability_counts",
    "changes",
    "clear_cache",
    "compare",
    "compare_costs",
    "compare_providers",
    "cost",
    "cost_of_response",
    "describe_capability",
    "edits",
    "errors",
    "estimate_tokens",
    "everywhere",
    "expiring",
    "export",
    "find",
    "find_by_capabilities",
    "find_by_cost_range",
    "find_by_min_context",
    "find_providers",
    "find_refs",
    "fits",
    "format_cost",
    "get_all_context_windows",
    "get_all_models",
    "get_all_pricing",
    "get_auth_methods",
    "get_capabilities",
    "get_capability_details",
    "get_context_window",
    "get_default",
    "get_default_model",
    "get_endpoints",
    "get_info",
    "get_limitations",
    "get_max_output_tokens",
    "get_model_config",
    "get_pricing",
    "get_provider",
    "get_token_allocation",
    "history",
    "is_configured",
    "is_local",
    "list_all",
    "list_features",
    "list_for_provider",
    "list_providers",
    "load_models",
    "local",
    "local_servers",
    "models_by_capability",
    "ollama",
    "open",
    "price",
    "provider_info",
    "provider_matrix",
    "provider_supports",
    "providers",
    "read_usage",
    "recommend",
    "recommend_providers",
    "reload_config",
    "requires_auth",
    "resolve",
    "reviews",
    "revisions",
    "supports",
    "truncate_messages",
    "validate_context",
]

# public name -> module that has it; every other public name is a method of the
# default registry
_HOMES = {
    "Capabilities": "modeldex.domain.capability",
    "Change": "modeldex.domain.change",
    "Cost": "modeldex.domain.cost",
    "DatedPricing": "modeldex.domain.dated_pricing",
    "Listed": "modeldex.domain.listed",
    "LocalModel": "modeldex.domain.local_model",
    "Model": "modeldex.domain.model",
    "Pricing": "modeldex.domain.model",
    "Provider": "modeldex.domain.provider",
    "Query": "modeldex.catalog.query",
    "Rate": "modeldex.domain.pricing",
    "Registry": "modeldex.registry",
    "Resolution": "modeldex.domain.resolution",
    "Session": "modeldex.domain.session",
    "Usage": "modeldex.domain.usage",
    "estimate_tokens": "modeldex.domain.tokens",
    "format_cost": "modeldex.domain.session",
    "open": "modeldex.bootstrap",
    "read_usage": "modeldex.domain.usage",
}


# the default catalogue, and the models asked of it; opened by the first question
_opened: "Lookup | None" = None
_known: "dict[str, dict[str | None, Model]]" = {}


def _swapped(known: "dict[str, dict[str | None, Model]]") -> None:
    global _known  # noqa: PLW0603
    _known = known


def default_registry() -> "Registry":
    """Return the registry that the functions of this module ask."""
    global _opened  # noqa: PLW0603
    from modeldex.registry import Registry

    found = _opened
    if not isinstance(found, Registry):
        from modeldex.bootstrap import open_default

        found = _opened = open_default(Registry, _swapped, found)
    return found


def get_info(provider: str, model_id: "str | None" = None) -> "Model":
    """Return a model by provider and id, or by a ref alone."""
    try:
        return _known[provider][model_id]
    except (KeyError, TypeError):
        return _lookup().get_info(provider, model_id)


def find(
    query: "str | Query | None" = None, /, **terms: "Unpack[Terms]"
) -> "list[Model]":
    """Return the models that answer a query, in its order; see `Registry.find`."""
    return _finder().find(query, **terms)


def find_refs(
    query: "str | Query | None" = None, /, **terms: "Unpack[Terms]"
) -> "list[str]":
    """Return the refs alone of the models that answer a query."""
    return _finder().find_refs(query, **terms)


def _finder() -> "Finder":
    """Return what answers queries: less than a registry, until one is needed."""
    global _opened  # noqa: PLW0603
    from modeldex.catalog.finder import Finder

    found = _opened
    if not isinstance(found, Finder):
        from modeldex.bootstrap import open_default

        found = _opened = open_default(Finder, _swapped, found)
    return found


def _lookup() -> "Lookup":
    """Return what looks models up: less than a registry, until one is needed."""
    global _opened  # noqa: PLW0603
    found = _opened
    if found is None:
        from modeldex.bootstrap import open_default
        from modeldex.catalog import Lookup

        found = _opened = open_default(Lookup, _swapped)
    return found


def __getattr__(name: str) -> "Any":
    if name == "__version__":
        from importlib.metadata import version

        return version("modeldex")
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    if name == "errors" or name.endswith("Error"):
        from importlib import import_module

        errors = import_module("modeldex.errors")
        return errors if name == "errors" else getattr(errors, name)
    if name in __all__:
        return getattr(default_registry(), name)
    message = f"module 'modeldex' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> "list[str]":
    return __all__
