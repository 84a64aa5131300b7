"""A registry of packages on this machine, as honest or as odd as a test wants it."""

from __future__ import annotations

import json
import struct
import threading
from base64 import b64encode
from contextlib import contextmanager
from hashlib import sha256, sha512
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = "application/vnd.pypi.simple.v1+json"


def wheel(members: Mapping[str, bytes], bulk: int = 300_000) -> bytes:
    """Return a wheel with members, and more that makes it worth reading a part of."""
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bulk.bin", bytes(range(256)) * (bulk // 256), 0)
        for name, data in members.items():
            archive.writestr(name, data)
    return into.getvalue()


# the marks of the end of a zip file, of an entry in its list, of a member's own head
END, ENTRY, LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"


def changed(data: bytes, mark: bytes, at: int, form: str, value: int) -> bytes:
    """Return a zip file with a number changed in the last record of a kind."""
    copy = bytearray(data)
    struct.pack_into(form, copy, data.rindex(mark) + at, value)
    return bytes(copy)


class Packages:
    """What a server has, how it answers, and what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.ranges = True
        self.wrong = False  # whether it answers with another range
        self.moved: dict[str, str] = {}  # path -> where it is instead
        self.busy: dict[str, list[int]] = {}  # path -> statuses to answer first
        self.cut: set[str] = set()  # paths whose body breaks off
        self.asked: list[tuple[str, str, str]] = []  # path, range, authorization
        self.url = ""

    def add_wheels(
        self,
        package: str,
        wheels: Mapping[str, tuple[str, bytes]],
        form: str = JSON,
        **said: Any,
    ) -> None:
        """List wheels: version -> (time, content); `said` overrides what is said."""
        rows = []
        for version, (at, data) in wheels.items():
            name = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
            self.files[f"/files/{name}"] = data
            row = {
                "filename": name,
                "url": f"{self.url}/files/{name}",
                "hashes": {"sha256": sha256(data).hexdigest()},
                "size": len(data),
                "upload-time": at,
            }
            rows.append({**row, **said})
        page = f"/simple/{package}/"
        self.types[page] = form
        if form == JSON:
            told = {"meta": {"api-version": "1.1"}, "name": package, "files": rows}
            self.files[page] = json.dumps(told).encode()
        else:
            links = (
                f'<a href="../../files/{row["filename"]}#sha256='
                f'{row["hashes"]["sha256"]}">{row["filename"]}</a>'
                for row in rows
            )
            self.files[page] = f"<!DOCTYPE html>{'<br>'.join(links)}".encode()

    def add_tarballs(
        self, package: str, tarballs: Mapping[str, tuple[str, bytes]]
    ) -> None:
        """List an npm package: version -> (time, content)."""
        versions = {}
        for version, (_, data) in tarballs.items():
            path = f"/{package}/-/{package.rpartition('/')[2]}-{version}.tgz"
            self.files[path] = data
            integrity = f"sha512-{b64encode(sha512(data).digest()).decode()}"
            versions[version] = {
                "dist": {"tarball": self.url + path, "integrity": integrity}
            }
        times = {version: at for version, (at, _) in tarballs.items()}
        told = {"versions": versions, "time": {"modified": "x", **times}}
        self.files[f"/{package.replace('/', '%2F')}"] = json.dumps(told).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        had, path = self.server.packages, self.path
        span = self.headers.get("Range", "")
        had.asked.append((path, span, self.headers.get("Authorization", "")))
        if had.busy.get(path):
            self._head(had.busy[path].pop(0), 0)
        elif path in had.moved:
            self._head(302, 0, {"Location": had.moved[path]})
        elif path not in had.files:
            self._head(404, 0)
        else:
            self._send(path, had.files[path], span if had.ranges else "")

    def _send(self, path: str, data: bytes, span: str) -> None:
        had = self.server.packages
        head = {"Content-Type": had.types.get(path, "application/octet-stream")}
        status, size = 200, len(data)
        if span:
            first, _, last = span.removeprefix("bytes=").partition("-")
            start = int(first) if first else max(size - int(last), 0)
            end = min(int(last) + 1, size) if first and last else size
            if had.wrong:
                start, end = 0, end - start
            data, status = data[start:end], 206
            head["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self._head(status, len(data), head)
        if path in had.cut:
            had.cut.remove(path)
            data = data[: len(data) // 2]
            self.close_connection = True
        self.wfile.write(data)

    def _head(
        self, status: int, size: int, head: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(size))
        for name, value in (head or {}).items():
            self.send_header(name, value)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    packages: Packages
    daemon_threads = True


@contextmanager
def serving() -> Iterator[Packages]:
    """Serve packages on a port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.packages = packages = Packages()
    packages.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield packages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
