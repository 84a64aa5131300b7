"""Where a server of this host is: as people write it."""

from __future__ import annotations

import pytest

from modeldex.sources.addresses import parse_url
from modeldex.sources.local_address import is_loopback, local_base

OLLAMA = "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:11434", OLLAMA),
        ("localhost", "http://localhost:11434"),
        ("0.0.0.0", OLLAMA),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:11434/", OLLAMA),
        ("[::1]:11434", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("http://gpu-box", "http://gpu-box"),
        ("https://llm.acme.dev/ollama/", "https://llm.acme.dev/ollama"),
        (" 127.0.0.1:11434 ", OLLAMA),
        (OLLAMA, OLLAMA),
    ],
)
def test_a_base_is_read_as_it_is_meant(text: str, expected: str) -> None:
    """A scheme and a port may lack, and where it listens is not where it is asked."""
    assert local_base(text, OLLAMA, "/api/tags") == expected
    assert parse_url(expected + "/api/tags").path.endswith("/api/tags")


def test_the_openai_base_of_a_server_is_no_part_of_its_own() -> None:
    """LM Studio's `/v1` is beside `/api/v1`; vLLM's is where its list is."""
    lm = "http://127.0.0.1:1234"
    assert local_base(f"{lm}/v1", lm, "/api/v1/models") == lm
    assert local_base(f"{lm}/v1", lm, "/models") == f"{lm}/v1"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("a.localhost", True),
        ("192.168.1.5", False),
        ("gpu-box", False),
        ("localhost.evil.example", False),
    ],
)
def test_only_what_is_surely_here_is_here(host: str, *, expected: bool) -> None:
    """A name that may be anything is not this host."""
    assert is_loopback(host) is expected
