"""Who may use a server: tokens, and the roles that they give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

VIEWER, CONTRIBUTOR, REVIEWER, ADMIN = "viewer", "contributor", "reviewer", "admin"
ROLES = (VIEWER, CONTRIBUTOR, REVIEWER, ADMIN)
"""Each may do what those before it may."""
ACTIVE, EXPIRED, REVOKED = "active", "expired", "revoked"
PREFIX = "mdx_"


def hash_of(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """That whoever holds a secret has a role; the secret is not in it.

    `number` is the store's, 0 before it has one. Times are UTC, ISO text, "" for never;
    `last_used` is a day. A token is never deleted: who made and who revoked it stays.
    """

    name: str
    role: str
    hash: str = field(repr=False)
    created_by: str
    created_at: str
    expires: str = ""
    revoked_by: str = ""
    revoked_at: str = ""
    last_used: str = ""
    number: int = 0

    def state(self, at: str) -> str:
        """Return what it is at a time: active, expired or revoked."""
        if self.revoked_at:
            return REVOKED
        return EXPIRED if self.expires and self.expires <= at else ACTIVE

    def allows(self, role: str) -> bool:
        """Tell whether its role is this one or beyond it."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def as_dict(self, at: str) -> dict[str, Any]:
        """Return the JSON form at a time, without the hash."""
        return {
            "number": self.number,
            "name": self.name,
            "role": self.role,
            "state": self.state(at),
            "expires": self.expires or None,
            "last_used": self.last_used or None,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "revoked_by": self.revoked_by or None,
            "revoked_at": self.revoked_at or None,
        }


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which nobody can be told again."""

    secret: str = field(repr=False)
    token: Token

    @property
    def name(self) -> str:
        """The token's name."""
        return self.token.name
