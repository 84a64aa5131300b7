"""`make demo`: ask the shipped catalogue, name its date, and what to try next."""

from __future__ import annotations

import shlex
import sys

import modeldex
from modeldex.cli import run

QUESTION = (
    "find",
    *("vision", "min_context:100k", "max_input:5", "input>0"),
    *("mode:chat", "status:active", "sort:input", "limit:10"),
)
NEXT = (
    "modeldex show anthropic/claude-sonnet-4-5 --explain",
    "modeldex compare openai/gpt-4o google/gemini-2.5-flash",
    "modeldex find vision 'context>=1m' no:audio_input sort:output limit:5",
)


def main() -> int:
    """Print the demonstration; return its exit status."""
    print("Vision, at least 100,000 tokens of context, at most $5 per million input")
    print("tokens, cheapest first (chat models in service, with a price above 0):\n")
    print("$", shlex.join(["modeldex", *QUESTION]), flush=True)
    status = run([*QUESTION, "--format", "table"])
    meta = modeldex.open(overlays=()).catalog.snapshot.meta
    print(
        f"\nThe catalogue is of {meta['date']}: {meta['models']:,} models "
        f"at {meta['providers']} providers. Next:\n"
    )
    for command in NEXT:
        print("  .venv/bin/" + command)
    return status


if __name__ == "__main__":
    sys.exit(main())
