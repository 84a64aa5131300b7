"""All routes, a module for each part of the service."""

from __future__ import annotations

from modeldex.server.routes.edits import ROUTES as EDITS
from modeldex.server.routes.health import ROUTES as HEALTH
from modeldex.server.routes.models import ROUTES as MODELS
from modeldex.server.routes.openai import ROUTES as OPENAI

ROUTES = (*OPENAI, *MODELS, *EDITS, *HEALTH)
