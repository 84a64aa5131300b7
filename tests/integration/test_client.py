"""The one outgoing client against servers of our own: where it goes, what it takes."""

from __future__ import annotations

import logging
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from hostile_urls import ADDRESSES, ADDRESSES_6, URLS
from modeldex.errors import (
    ForbiddenAddressError,
    ModeldexError,
    SourceDeniedError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)
from modeldex.sources import client as client_module
from modeldex.sources.addresses import Gate
from modeldex.sources.auth import AwsSignature, HeaderKey
from modeldex.sources.client import Client, Validators
from modeldex.sources.secret import Secret
from modeldex.sources.wire import Bounds
from upstream import (
    Exchange,
    OpenGate,
    Tripwire,
    Upstream,
    answer,
    cut_at,
    drip,
    empty_list,
    gzip_bomb,
    html,
    huge_headers,
    open_client,
    raw,
    redirect,
    silent,
    stall_at,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIST = {"data": [{"id": f"model-{number}"} for number in range(20)]}
PATH = "/v1/models"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Return a server that the gate takes for one of the internet."""
    with Upstream() as server:
        yield server


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return where sockets are connected to, all of them."""
    made: list[Any] = []
    plain = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        made.append(address)
        plain(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return made


# --- where it goes ------------------------------------------------------------------


def test_no_hostile_url_is_connected_to(connections: list[Any]) -> None:
    """Not one of the hostile URLs makes a connection or a look-up."""
    gate = OpenGate()
    client = open_client(gate=gate)
    with Tripwire() as wire:
        own = (f"https://127.0.0.1:{wire.port}", f"http://localhost:{wire.port}")
        for url in (*URLS, *own):
            with pytest.raises(ForbiddenAddressError):
                client.get(url)
    assert connections == []
    assert gate.asked == []


def test_no_name_leads_inside(connections: list[Any]) -> None:
    """A name that has an inner address, alone or among public ones, is not asked."""
    gate = OpenGate()
    client = open_client(gate=gate)
    for address in (*ADDRESSES, *ADDRESSES_6):
        for found in ([address], ["203.0.114.1", address]):
            gate.names["api.acme.dev"] = found
            with pytest.raises(ForbiddenAddressError):
                client.get("https://api.acme.dev/v1/models")
    assert connections == []
    assert len(gate.asked) == 2 * len((*ADDRESSES, *ADDRESSES_6))


def test_rebinding_does_not_reach_loopback(
    connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public first and private later is resolved once, and checked.

    What is connected to is the address that was checked.
    """
    answers = [["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    def rebind(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    def connect(_socket: socket.socket, address: Any) -> None:
        connections.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    client = open_client(gate=Gate(resolve=rebind), tries=1)
    with Tripwire():
        with pytest.raises(SourceUnavailableError, match="refused"):
            client.get("https://api.acme.dev/v1")
        assert len(asked) == 1
        for _ in answers[1:]:
            with pytest.raises(ForbiddenAddressError):
                client.get("https://api.acme.dev/v1")
    assert connections == [("8.8.8.8", 443)]


def test_rebinding_between_tries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that follows a failure resolves and checks again."""
    answers = iter([["8.8.8.8"], ["169.254.169.254"]])

    def refuse(_socket: socket.socket, _address: Any) -> None:
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    client = open_client(gate=Gate(resolve=lambda _host, _port: next(answers)))
    with pytest.raises(ForbiddenAddressError, match=r"169\.254"):
        client.get("https://api.acme.dev/v1")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(upstream: Upstream, code: int) -> None:
    """A redirect, to a metadata address or anywhere, is an error with its status."""
    with Tripwire() as wire:
        for to in ("http://169.254.169.254/latest/", f"http://127.0.0.1:{wire.port}/"):
            url = upstream.on(PATH, redirect(to, code))
            with pytest.raises(SourceUnavailableError, match=f"{code}, a redirect"):
                open_client(upstream).get(url)
    assert upstream.count() == 2


def test_local_servers_are_asked_where_allowed(upstream: Upstream) -> None:
    """A local source is asked over loopback without TLS; no other source is."""
    url = upstream.on("/api/tags", answer({"models": []}))
    client = Client(Gate(), bounds=Bounds(total=5))
    assert client.get(url, local=True).body == b'{"models": []}'
    with pytest.raises(ForbiddenAddressError):
        client.get(url)
    named = url.replace("127.0.0.1", "gpu-box")
    gate = OpenGate(names={"gpu-box": ["127.0.0.1"]}, local_hosts=["gpu-box"])
    assert Client(gate).get(named, local=True).status == 200
    with pytest.raises(ForbiddenAddressError, match="local_hosts"):
        Client(OpenGate(names=gate.names)).get(named, local=True)
    shown = client.post(
        upstream.on("/api/show", lambda e: answer({"asked": e.body.decode()})(e)),
        b'{"model": "m"}',
        local=True,
    )
    assert shown.body == b'{"asked": "{\\"model\\": \\"m\\"}"}'


def test_proxies_of_the_environment_are_not_used(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable cannot send requests, and keys, elsewhere."""
    with Tripwire() as wire:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{wire.port}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{wire.port}")
        url = upstream.on(PATH, answer(LIST))
        assert open_client(upstream).get(url).status == 200


def test_the_second_address_is_tried(upstream: Upstream) -> None:
    """Where the first address of a name does not answer, the next one is asked."""
    found = ["127.0.0.2", "127.0.0.1"]
    gate = OpenGate(names={"box": found}, local_hosts=["box"])
    upstream.on(PATH, answer(LIST))
    url = f"http://box:{upstream.port}{PATH}"
    assert open_client(gate=gate).get(url, local=True).status == 200


# --- TLS ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of api.acme.dev, with its key, made by openssl."""
    folder = tmp_path_factory.mktemp("tls")
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=api.acme.dev"
    names = ["-addext", "subjectAltName=DNS:api.acme.dev"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    try:
        command = ["openssl", *words.split(), *names, *files]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not here")
    return folder


def test_the_name_is_kept_for_tls(certificate: Path) -> None:
    """The checked address is connected to, with the host's name in TLS and HTTP.

    A certificate of another name, or one that is not trusted, is refused.
    """
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    named: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: named.append(name)
    trust = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    here = {"api.acme.dev": ["127.0.0.1"], "api.other.dev": ["127.0.0.1"]}
    with Upstream(tls=serving) as upstream:
        upstream.on(PATH, answer(LIST))
        gate = OpenGate([upstream.port], here)
        url = f"https://api.acme.dev:{upstream.port}{PATH}"
        assert open_client(gate=gate, tls=trust).get(url).status == 200
        assert named == ["api.acme.dev"]
        assert upstream.requests[0].headers["host"] == f"api.acme.dev:{upstream.port}"
        with pytest.raises(SourceUnavailableError, match="no valid certificate"):
            open_client(gate=gate).get(url)
        with pytest.raises(SourceUnavailableError, match="no valid certificate"):
            open_client(gate=gate, tls=trust).get(url.replace("acme", "other"))
        assert upstream.count() == 1


# --- what it takes --------------------------------------------------------------------

Case = tuple[Any, type[SourceError], str, int]
REFUSED: dict[str, Case] = {
    "html": (html(), SourceFormatError, "text/html, 54 bytes, not JSON", 1),
    "html as json": (answer(b"<html>"), SourceFormatError, "not JSON", 1),
    "image": (
        *(answer(b"{}", content_type="image/png"), SourceFormatError),
        *("image/png, 2 bytes, not JSON", 1),
    ),
    "odd type": (
        *(answer(b"{}", content_type="<b>x"), SourceFormatError),
        *("no JSON, 2 bytes", 1),
    ),
    "nothing": (answer(b""), SourceFormatError, "0 bytes, not JSON", 1),
    "204": (answer(b"", 204), SourceUnavailableError, "answered 204", 1),
    "206": (answer(LIST, 206), SourceUnavailableError, "answered 206", 1),
    "304": (status(304), SourceFormatError, "304, which was not asked for", 1),
    "400": (status(400), SourceUnavailableError, "answered 400", 1),
    "401": (status(401), SourceDeniedError, "answered 401: it refuses the key", 1),
    "403": (status(403), SourceDeniedError, "answered 403", 1),
    "404": (status(404), SourceUnavailableError, "answered 404", 1),
    "408": (status(408), SourceUnavailableError, "answered 408", 3),
    "429": (status(429), SourceUnavailableError, "answered 429", 3),
    "500": (status(500), SourceUnavailableError, "answered 500", 3),
    "503 html": (html(503), SourceUnavailableError, "answered 503", 3),
    "cut": (cut_at(LIST, 9), SourceUnavailableError, "half an answer", 3),
    "cut at 0": (cut_at(LIST, 0), SourceUnavailableError, "half an answer", 3),
    "stall": (stall_at(LIST, 9), SourceUnavailableError, "not answer in time", 3),
    "silent": (silent(), SourceUnavailableError, "not answer in time", 3),
    "hang up": (raw(b""), SourceUnavailableError, "half an answer", 3),
    "no http": (raw(b"SSH-2.0-x\r\n"), SourceUnavailableError, "not in HTTP", 3),
    "headers": (huge_headers(), SourceUnavailableError, "half an answer|broke", 3),
    "bomb": (gzip_bomb(), SourceFormatError, "larger than 100000 bytes", 1),
    "large": (answer(b"[" * 100_001), SourceFormatError, "larger than 100000", 1),
    "no gzip": (
        *(answer(b"[]", content_encoding="gzip"), SourceFormatError),
        *("is no gzip", 1),
    ),
    "brotli": (
        *(answer(b"[]", content_encoding="br"), SourceFormatError),
        *("not asked for", 1),
    ),
    "twice": (
        *(answer(b"[]", content_encoding="gzip, gzip"), SourceFormatError),
        *("not asked for", 1),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_answer_is_refused(upstream: Upstream, name: str) -> None:
    """Each kind of failure is its error, tried again only where that may help."""
    behaviour, error, words, tries = REFUSED[name]
    url = upstream.on(PATH, behaviour)
    bounds = Bounds(connect=0.3, read=0.3, total=3, max_bytes=100_000)
    client = open_client(upstream, bounds=bounds)
    with pytest.raises(error, match=words) as caught:
        client.get(url)
    assert upstream.count() == tries
    assert "log in" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_failures_that_pass_are_tried_again(upstream: Upstream) -> None:
    """The answer after failures is the answer; waits grow and are random."""
    waits: list[float] = []
    chances = iter([0.5, 1.0])
    url = upstream.on(PATH, status(500), cut_at(LIST, 3), answer(LIST))
    client = open_client(upstream, sleep=waits.append, chance=lambda: next(chances))
    assert client.get(url).status == 200
    assert waits == [0.5, 2.0]


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_honoured(upstream: Upstream, code: int) -> None:
    """Seconds and dates that are near are waited for; others are told."""
    soon = datetime.now(UTC) + timedelta(seconds=3)
    late = datetime.now(UTC) + timedelta(hours=1)
    waits: list[float] = []
    bounds = Bounds(total=60)
    client = open_client(
        upstream, sleep=waits.append, chance=lambda: 0.0, bounds=bounds
    )
    for text, least, most in (("2", 2, 2), (format_datetime(soon, usegmt=True), 1, 3)):
        url = upstream.on(PATH, status(code, text), answer(LIST))
        assert client.get(url).status == 200
        assert least <= waits.pop() <= most
    for text, told in (
        *(("30", 30), ("120", 120), (format_datetime(late, usegmt=True), 3600)),
        *(("99999999999", 86400),),
    ):
        before = upstream.count()
        url = upstream.on(PATH, status(code, text))
        with pytest.raises(SourceUnavailableError) as caught:
            client.get(url)
        assert told - 5 <= (caught.value.retry_after or 0) <= told
        assert upstream.count() == before + 1
    assert waits == []
    for text in ("-5", "soon", "1e9", "9" * 99, "Mon, 99 Foo 2026 00:00:00 GMT"):
        url = upstream.on(PATH, status(code, text))
        with pytest.raises(SourceUnavailableError) as caught:
            client.get(url)
        assert caught.value.retry_after is None


@pytest.mark.parametrize("headers", [False, True])
def test_a_slow_drip_ends_in_time(upstream: Upstream, headers: bool) -> None:
    """A byte now and then does not keep a request beyond its total time."""
    url = upstream.on(PATH, drip(LIST, 0.02, headers=headers))
    client = open_client(upstream, bounds=Bounds(read=0.3, total=0.6))
    began = time.monotonic()
    with pytest.raises(SourceUnavailableError, match="in time"):
        client.get(url)
    assert time.monotonic() - began < 1.5


def test_every_cut_is_found(upstream: Upstream) -> None:
    """An answer that is cut at any byte is never taken for whole."""
    import json

    body = json.dumps(LIST).encode()
    client = open_client(upstream, tries=1)
    for count in range(0, len(body), 7):
        url = upstream.on(PATH, cut_at(body, count))
        with pytest.raises(SourceUnavailableError):
            client.get(url)


def test_a_bomb_does_not_take_memory(upstream: Upstream) -> None:
    """A gigabyte in a megabyte is given up after the bound."""
    import tracemalloc

    url = upstream.on(PATH, gzip_bomb())
    client = open_client(upstream)
    tracemalloc.start()
    with pytest.raises(SourceFormatError, match="larger"):
        client.get(url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 2**20


def test_damaged_answers_are_errors_of_ours(upstream: Upstream) -> None:
    """Bytes changed, left out or doubled anywhere never end in another error."""
    import gzip

    rng = random.Random(20261125)
    packed = gzip.compress(b'{"data": [{"id": "m"}]}', mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    whole = (
        head + b"Content-Length: 11\r\n\r\n" + b'{"data":[]}',
        head + b"Transfer-Encoding: chunked\r\n\r\nb\r\n" + b'{"data":[]}\r\n0\r\n\r\n',
        head + b"Content-Encoding: gzip\r\n\r\n" + packed,
        head + b'ETag: "a"\r\nRetry-After: 3\r\n\r\n' + b'{"data":[]}',
    )
    bounds = Bounds(connect=1, read=0.2, total=1, max_bytes=10_000)
    client = open_client(upstream, bounds=bounds, tries=1)
    outcomes: Counter[str] = Counter()
    for _ in range(600):
        data = bytearray(rng.choice(whole))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            kind = rng.randrange(4)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at : at + rng.randint(1, 9)]
            elif kind == 2:
                data[at:at] = data[at : at + 20]
            else:
                data[at:at] = rng.randbytes(3)
            data = data or bytearray(b"x")
        url = upstream.on(PATH, raw(bytes(data)))
        try:
            client.get(url)
            outcomes["answer"] += 1
        except SourceError as error:
            outcomes[error.code] += 1
    assert sum(outcomes.values()) == 600
    assert len(outcomes) >= 3


def test_gzip_is_unpacked(upstream: Upstream) -> None:
    """What was asked for is read; what ends too early is not."""
    import gzip

    body = gzip.compress(b'{"data": []}')
    packed: Callable[[bytes], Any] = lambda data: answer(data, content_encoding="gzip")  # noqa: E731
    url = upstream.on(PATH, packed(body))
    assert open_client(upstream).get(url).body == b'{"data": []}'
    upstream.on(PATH, packed(body[:-6]))
    with pytest.raises(SourceUnavailableError, match="half"):
        open_client(upstream).get(url)
    upstream.on(PATH, packed(body + b"more"))
    with pytest.raises(SourceFormatError, match="after its end"):
        open_client(upstream).get(url)


def test_what_is_known_is_not_sent_again(upstream: Upstream) -> None:
    """An answer's ETag and date are asked with, and 304 is told."""
    date = "Wed, 25 Nov 2026 10:00:00 GMT"
    url = upstream.on(PATH, answer(LIST, etag='W/"a1"', modified=date))
    client = open_client(upstream)
    first = client.get(url)
    assert first.validators == Validators('W/"a1"', date)
    again = client.get(url, known=first.validators)
    assert (again.not_modified, again.body) == (True, b"")
    dated = client.get(url, known=Validators(last_modified=date))
    assert dated.not_modified
    assert not client.get(url, known=Validators('"other"')).not_modified
    assert "if-modified-since" not in upstream.requests[1].headers


@pytest.mark.parametrize("tag", ["a1", '"a b"', '"' + "a" * 400 + '"', '"a"; drop'])
def test_odd_validators_are_not_kept(upstream: Upstream, tag: str) -> None:
    """What is no ETag is not remembered, nor sent back."""
    url = upstream.on(PATH, answer(LIST, etag=tag))
    assert open_client(upstream).get(url).etag is None


# --- keys -----------------------------------------------------------------------------

CANARIES = (
    *(
        "sk-canary1/7Hq+Zt9=Lm2Xv5Bn8",
        "sk-ant-canary2-Q8w_Zx71Lm0pRt",
        "AIzaCanary3Kq9",
    ),
    *("gsk_canary4MnB6vCxZ2", "xai-canary5-00aa11bb22", "hf_canary6LkJhGfDs"),
    *("canary7:with:colons:8842", "ya29.canary8-Tok.en_~9", "nvapi-canary9-aZ"),
    *("pplx-canary13Rr5", "csk-canary14Tt6y", "sk-or-v1-canary15", "vck_canary16Uu"),
    *("tgp_v1_canary17-_", "fw_canary18Ii", "canary19/+/+/+==", "eyJcanary20.eyJ.x-_"),
    *("canary10'quoted\"<&>;,%41", "github_pat_canary11", "a1b2c3d4canary12e5f6"),
)


def spelled(key: str) -> set[bytes]:
    """Return what must not be found of a key."""
    data = key.encode()
    return {
        *(data, data[:8], b64encode(data), quote(key, safe="").encode()),
        *(b64encode(b"Bearer " + data)[12:-4], data.hex().encode(), data[8:]),
    }


def echo(code: int, where: str) -> Any:
    """Answer with the key that was sent, in a header, the type or the body."""

    def behave(exchange: Exchange) -> None:
        names = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
        key = next(exchange.headers[n] for n in names if n in exchange.headers)
        key = key.rpartition(" ")[2]
        said = {"content_type": "application/json"}
        body: Any = {"data": []}
        if where == "body":
            body = {"data": [{"id": key}], "error": {"message": f"bad key {key}"}}
        elif where == "type":
            said["content_type"] = f"text/{key.lower()}"
        elif where == "etag":
            said["etag"] = f'"{key}"'
        else:
            said |= {"x_echo": key, "location": f"https://evil.dev/?key={key}"}
            said |= {"www_authenticate": f"Bearer {b64encode(key.encode()).decode()}"}
            said |= {"retry_after": key, "set_cookie": f"k={quote(key, safe='')}"}
        answer(body, code, **said)(exchange)

    return behave


def failures() -> dict[str, Any]:
    """Return every kind of failure, and answers that repeat the key."""
    kinds: dict[str, Any] = {name: case[0] for name, case in REFUSED.items()}
    for code in (200, 204, 302, 400, 401, 403, 404, 429, 500, 503):
        for where in ("header", "type", "etag", "body"):
            kinds[f"echo {code} {where}"] = echo(code, where)
    kinds["bad header"] = raw(b"HTTP/1.1 200 OK\r\n sk-canary1 \x00: \r\n\r\n")
    kinds["ok"] = answer(LIST)
    kinds["empty"] = empty_list()
    return kinds


@pytest.mark.parametrize("auth", ["bearer", "x-api-key", "x-goog-api-key", "api-key"])
def test_no_byte_of_a_key_is_told(
    upstream: Upstream, caplog: pytest.LogCaptureFixture, auth: str
) -> None:
    """With everything logged and everything failing, no key is in what is said.

    Logs at DEBUG, errors with their traceback and its local variables, answers.
    """
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "httpcore2.http11", "httpcore2.connection"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    bounds = Bounds(connect=0.1, read=0.05, total=1, max_bytes=100_000)
    client = open_client(upstream, bounds=bounds, tries=2)
    told: list[str] = []
    for number, (name, behaviour) in enumerate(failures().items()):
        path = upstream.on(f"/{number}", behaviour)
        key = Secret(
            CANARIES[number % len(CANARIES)],
            reference="env:CANARY",
            host="127.0.0.1",
        )
        told.append(f"{name}: {_outcome(client, path, HeaderKey(key, auth))}")
    sent = b"".join(repr(seen.headers).encode() for seen in upstream.requests)
    assert all(key.encode()[:8] in sent for key in CANARIES)
    assert any("receive_response_headers" in text for text in caplog.messages)
    records = [repr(vars(record)) for record in caplog.records]
    everything = "\n".join((*told, caplog.text, *records)).encode()
    for key in CANARIES:
        assert not [form for form in spelled(key) if form in everything], key


def _outcome(client: Client, url: str, secret: Any) -> str:
    try:
        got = client.get(url, secret=secret)
    except ModeldexError as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(trace.format()) + repr(error) + repr(vars(error))
    return repr(got) + repr(got.body) + repr(got.validators)


def test_keys_do_not_leave_their_host(upstream: Upstream) -> None:
    """A key of another host is not sent, nor is anything else."""
    url = upstream.on(PATH, answer(LIST))
    parts = {"reference": "env:K", "host": "api.acme.dev"}
    key = Secret("sk-canary-of-acme", **parts)
    signer = AwsSignature(key, key, "us-east-1", "bedrock")
    for secret in (HeaderKey(key), signer):
        with pytest.raises(ForbiddenAddressError, match=r"belongs to api\.acme\.dev"):
            open_client(upstream).get(url, secret=secret)
    assert upstream.count() == 0


# --- many at once, and without the extra --------------------------------------


def test_threads_share_a_client(upstream: Upstream) -> None:
    """Requests at once do not mix their answers."""
    client = open_client(upstream)
    wrong: list[str] = []

    def ask(name: str) -> None:
        got = client.get(upstream.url + f"/{name}").body.decode()
        if got != f'["{name}"]':
            wrong.append(got)

    names = [f"n{number}" for number in range(24)]
    for name in names:
        upstream.on(f"/{name}", answer([name]))
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the HTTP library the error is the command that installs it."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ModeldexError, match=r"pip install 'modeldex\[sync\]'"):
        client_module.Client()
