"""Why our cost of a call differs from a peer's: classes that are checked, not said."""

from __future__ import annotations


def class_of(pair):
    return None
