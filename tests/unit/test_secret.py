"""Keys are shown to nobody, and sent to one host; AWS' own examples are reproduced."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from modeldex.errors import (
    ForbiddenAddressError,
    InvalidSettingsError,
    SourceDeniedError,
)
from modeldex.sources.addresses import parse_url
from modeldex.sources.auth import AwsSignature, HeaderKey, find_credential
from modeldex.sources.secret import Redaction, Secret, find_secret, mask, spellings

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-canary/7Hq+Zt9=Lm2Xv5"
HOST = "api.acme.dev"


def secret(text: str = KEY) -> Secret:
    """Return a key of the host."""
    return Secret(text, reference="env:ACME_KEY", host=HOST)


def test_a_secret_has_no_text() -> None:
    """No way to write a value down shows the key."""
    key = secret()
    said = [repr(key), str(key), f"{key}", f"{key!r:>40}", str([key])]
    said += [repr(HeaderKey(key)), repr([key]), format(key, ">30")]
    assert not any(KEY[:8] in text or "canary" in text for text in said)
    assert "env:ACME_KEY" in repr(key)
    for store in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied"):
            store(key)
    with pytest.raises(AttributeError):
        key.host = "evil.dev"
    assert not hasattr(key, "__dict__")


def test_a_secret_goes_to_its_own_host() -> None:
    """Another host, even one that contains the name, does not get the key."""
    assert secret().reveal_to(HOST) == KEY
    for other in ("evil.dev", f"{HOST}.evil.dev", f"x{HOST}", "", HOST.upper()):
        with pytest.raises(ForbiddenAddressError, match="belongs to"):
            secret().reveal_to(other)
    other = parse_url(f"https://{HOST}.evil.dev/")
    with pytest.raises(ForbiddenAddressError):
        HeaderKey(secret()).sign("GET", other, {}, b"")


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("bearer", {"authorization": f"Bearer {KEY}"}),
        ("authorization Token", {"authorization": f"Token {KEY}"}),
        ("x-api-key", {"x-api-key": KEY}),
        ("x-goog-api-key", {"x-goog-api-key": KEY}),
        ("api-key", {"api-key": KEY}),
        ("aws", {"authorization": f"Bearer {KEY}"}),
    ],
)
def test_a_key_is_in_one_header(auth: str, header: dict[str, str]) -> None:
    """Each way to send a key is a header."""
    environ = {"SECOND": KEY, "AWS_BEARER_TOKEN_BEDROCK": KEY}
    keys = () if auth == "aws" else ("FIRST", "SECOND")
    found = find_credential(auth, keys, HOST, source="acme", environ=environ)
    assert found is not None
    target = parse_url(f"https://{HOST}/v1")
    assert found.sign("GET", target, {}, b"") == header


def test_keys_are_named_not_written(tmp_path: Path) -> None:
    """A reference is a variable or a file; what is wrong is said without the key."""
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    ways = {"ACME": KEY, "env:ACME": KEY, f"file:{file}": KEY}
    for reference, text in ways.items():
        found = find_secret([reference], HOST, {"ACME": f" {KEY}\n"})
        assert found is not None
        assert found.reveal_to(HOST) == text
    assert find_secret(["ACME", "env:OTHER"], HOST, {}) is None
    file.write_bytes(KEY.encode() + b"\xff")
    wrong = [KEY, f"env:{KEY}", f"key:{KEY}", f"file:{file}", f"file:{tmp_path}", "A B"]
    for reference in wrong:
        with pytest.raises(InvalidSettingsError) as caught:
            find_secret([reference], HOST, {})
        told = "".join(
            traceback.TracebackException.from_exception(caught.value).format()
        )
        assert "canary" not in told
    for text in (f"{KEY}\r\nHost: evil.dev", f"{KEY} x", f"{KEY}\x00", "é" + KEY):
        with pytest.raises(InvalidSettingsError, match="ACME holds no key") as caught:
            find_secret(["ACME"], HOST, {"ACME": text})
        assert "canary" not in str(caught.value)


def test_a_missing_key_is_named() -> None:
    """The error of a source without key names every variable that may hold it."""
    with pytest.raises(SourceDeniedError, match="acme needs a key: set A or B") as one:
        find_credential("bearer", ("A", "B"), HOST, source="acme", environ={"A": ""})
    assert one.value.missing == ("A", "B")
    assert find_credential("bearer", (), HOST, source="acme", environ={}) is None
    half = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"}
    with pytest.raises(SourceDeniedError, match="AWS_SECRET_ACCESS_KEY"):
        find_credential("aws", (), HOST, source="bedrock", environ=half)
    with pytest.raises(InvalidSettingsError):
        find_credential("query key", ("A",), HOST, source="acme", environ={"A": KEY})


def test_every_spelling_is_masked() -> None:
    """Logs lose the key, its beginning, and every usual encoding of it."""
    key = secret()
    spelled = [KEY, quote(KEY), quote(KEY, safe=""), KEY.encode().hex(), KEY[:8] + "x"]
    for before in ("", "a", "ab", "Bearer ", "user:"):
        spelled.append(b64encode(f"{before}{KEY}".encode()).decode())
        spelled.append(urlsafe_b64encode(f"{before}{KEY}".encode()).decode())
    middles = [
        b64encode(KEY.encode()).decode()[6:18],
        KEY[8:16],
        quote(KEY, safe="")[10:],
    ]
    for text in spelled:
        masked = mask(f"header {text!r}; status=200")
        assert "***" in masked
        assert not any(middle in masked for middle in middles)
        assert "status=200" in masked
    record = logging.LogRecord("x", 10, "f", 1, "sent %s", (KEY,), None)
    assert Redaction().filter(record)
    assert record.getMessage() == "sent ***"
    assert key.is_in(f"..{KEY}..".encode())
    assert not key.is_in(b"sk-canary is how our keys begin")


def test_short_keys_are_words() -> None:
    """The EMPTY of a local server is not looked for in answers."""
    word = secret("EMPTY")
    assert not word.is_in(b'{"state": "EMPTY"}')
    assert "" not in spellings("a")


# --- AWS Signature Version 4: the published test suite ------------------------------

AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
VECTORS = {
    "get-vanilla": (
        *("GET", "/", {}),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "get-vanilla-query-order-key-case": (
        *("GET", "/?Param2=value2&Param1=value1", {}),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-vanilla-empty-query-key": (
        *("GET", "/?Param1=value1", {}),
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ),
    "post-vanilla": (
        *("POST", "/", {}),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
}


def signature(
    service: str, host: str, method: str, path: str, headers: dict[str, str]
) -> str:
    """Return what is sent as Authorization for the keys of the test suite."""
    parts = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    key_id, key = (Secret(part, reference="env:A", host=host) for part in parts)
    signer = AwsSignature(key_id, key, "us-east-1", service, at=AT)
    target = parse_url(f"https://{host}{path}")
    said = signer.sign(method, target, headers, b"")
    assert said["X-Amz-Date"] == "20150830T123600Z"
    return said["Authorization"]


@pytest.mark.parametrize("name", VECTORS)
def test_signatures_are_those_of_the_test_suite(name: str) -> None:
    """The signature is the published one."""
    method, path, headers, wanted = VECTORS[name]
    said = signature("service", "example.amazonaws.com", method, path, headers)
    assert said == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
        f"aws4_request, SignedHeaders=host;x-amz-date, Signature={wanted}"
    )


def test_signature_of_the_documented_example() -> None:
    """The example of the IAM request in AWS' documentation."""
    path = "/?Action=ListUsers&Version=2010-05-08"
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    host, headers = "iam.amazonaws.com", {"Content-Type": kind}
    wanted = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    assert signature("iam", host, "GET", path, headers).endswith(f"Signature={wanted}")


def test_a_session_token_is_signed() -> None:
    """Keys of a session send their token, which is signed; the key is not sent."""
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_SESSION_TOKEN": "token-token-token",
    }
    host = "bedrock.us-east-1.amazonaws.com"
    signer = find_credential(
        "aws", (), host, source="bedrock", region="us-east-1", environ=environ
    )
    assert signer is not None
    said = signer.sign("GET", parse_url(f"https://{host}/foundation-models"), {}, b"")
    assert said["X-Amz-Security-Token"] == "token-token-token"
    assert "host;x-amz-date;x-amz-security-token" in said["Authorization"]
    assert KEY not in repr(said)
    assert KEY not in repr(signer)
