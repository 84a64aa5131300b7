"""Pages for people: what the service offers, by the same rows."""

from __future__ import annotations

from typing import Any

from modeldex.server.route import Asked, Policy, Route, Said

HTML, CSS = "text/html", "text/css"
_DAY = 86_400  # seconds


def _docs(asked: Asked) -> Any:
    from modeldex.server.page import POLICY, docs_page

    headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
    return Said(docs_page(asked.service.version), HTML, headers=headers, cached=False)


def _style(_asked: Asked) -> Any:
    from modeldex.server.page import style

    headers = {"cache-control": f"public, max-age={_DAY}"}
    return Said(style(), CSS, headers=headers, cached=False)


def _row(path: str, name: str, about: str, answer: Any, media: str) -> Route:
    return Route(
        "GET", path, name, about, Policy.OPEN, answer, media=(media,), tag="service"
    )


ROUTES = (
    _row("/", "home", "Show what the service offers.", _docs, HTML),
    _row("/docs", "docs", "Show what the service offers.", _docs, HTML),
    _row("/static/docs.css", "docs.style", "Return the pages' style.", _style, CSS),
)
