"""Events that nobody should send: forged, replayed, reordered, damaged, large."""

from __future__ import annotations

import json
import random
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = 1_000_000  # a broker takes no more than 2**20


def hostile(epoch: str, count: int, seed: int) -> Iterator[bytes]:
    """Yield messages, some as ours would be, none of them true."""
    dice = random.Random(seed)
    for _ in range(count):
        revision = dice.choice([0, 1, dice.randrange(1, 2_000), 1 << 62, -5])
        said = {
            "epoch": dice.choice([epoch, epoch, "another", ""]),
            "revision": revision,
            "hash": f"{dice.getrandbits(256):064x}",
        }
        kind = dice.random()
        if kind < 0.7:
            yield json.dumps(said).encode()
        elif kind < 0.8:
            yield json.dumps(said | {"models": [{"id": "evil"}], "version": 9}).encode()
        elif kind < 0.9:
            yield json.dumps(said).encode()[: dice.randrange(60)]
        elif kind < 0.99:
            yield dice.randbytes(dice.randrange(200))
        else:
            yield b"[" * dice.choice([10, 1_000, LARGE])


def send(url: str, subject: str, messages: Iterator[bytes]) -> None:
    """Publish messages as anybody can who reaches the broker."""
    host, port = url.removeprefix("nats://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as wire:
        wire.sendall(b'CONNECT {"verbose":false}\r\n')
        for data in messages:
            wire.sendall(f"PUB {subject} {len(data)}\r\n".encode() + data + b"\r\n")
        wire.sendall(b"PING\r\n")
        while b"PONG" not in wire.recv(4_096):
            pass
