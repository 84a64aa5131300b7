"""All routes, a module for each part of the service."""

from __future__ import annotations

from modeldex.server.routes.capabilities import ROUTES as CAPABILITIES
from modeldex.server.routes.changes import ROUTES as CHANGES
from modeldex.server.routes.choices import ROUTES as CHOICES
from modeldex.server.routes.costs import ROUTES as COSTS
from modeldex.server.routes.edits import ROUTES as EDITS
from modeldex.server.routes.exports import ROUTES as EXPORTS
from modeldex.server.routes.follow import ROUTES as FOLLOW
from modeldex.server.routes.health import ROUTES as HEALTH
from modeldex.server.routes.identity import ROUTES as IDENTITY
from modeldex.server.routes.models import ROUTES as MODELS
from modeldex.server.routes.openai import ROUTES as OPENAI
from modeldex.server.routes.pages import ROUTES as PAGES
from modeldex.server.routes.providers import ROUTES as PROVIDERS
from modeldex.server.routes.reviews import ROUTES as REVIEWS
from modeldex.server.routes.revisions import ROUTES as REVISIONS
from modeldex.server.routes.syncs import ROUTES as SYNCS

ROUTES = (
    *OPENAI,
    *MODELS,
    *IDENTITY,
    *PROVIDERS,
    *CAPABILITIES,
    *CHOICES,
    *COSTS,
    *CHANGES,
    *EXPORTS,
    *FOLLOW,
    *EDITS,
    *REVISIONS,
    *REVIEWS,
    *SYNCS,
    *HEALTH,
    *PAGES,
)
