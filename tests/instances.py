"""Instances of one registry in processes of their own: each follows the same store.

As a program it is one of them: told by lines of JSON on its input, it answers on its
output, and tells there whatever a reader sees: `{"seen": revision, "values": …}`, with
the time, which is that of all processes of a host.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

FIELDS = ("context_window", "max_output_tokens")  # each edit gives both one value
LOOK_SECONDS = 0.003


class Instance:
    """One of them, as its parent sees it; `seen` is what its reader saw, in order."""

    def __init__(
        self, folder: Path, store: str, nats: str, refs: list[str], **environ: str
    ) -> None:
        self._command = [sys.executable, __file__, json.dumps(refs)]
        self._environ = {
            **{n: v for n, v in os.environ.items() if not n.startswith("MODELDEX_")},
            "PYTHONPATH": str(Path(__file__).parent),
            "MODELDEX_STORE": store,
            "MODELDEX_NATS": nats,
            "MODELDEX_DATA_DIR": str(folder),
            "MODELDEX_CACHE_DIR": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder),
            **environ,
        }
        self.seen: list[dict[str, Any]] = []
        self.runs = 0
        self.start()

    def start(self) -> None:
        """Start it, also once more after it was killed."""
        self._answers: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.process = subprocess.Popen(
            self._command,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.runs += 1
        reading = (self.process.stdout, self._answers, self.runs)
        self._reader = threading.Thread(target=self._read, args=reading, daemon=True)
        self._reader.start()

    def _read(self, lines: Any, answers: Any, run: int) -> None:
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:  # it was killed half-way
                return
            if "seen" in said:
                self.seen.append({**said, "run": run})
            else:
                answers.put(said)

    def tell(self, **command: Any) -> None:
        """Tell it to do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self, seconds: float = 30.0) -> dict[str, Any]:
        """Return what it answers to what it was told."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            raise AssertionError(f"no answer in {seconds:g} s") from None

    def ask(self, **command: Any) -> dict[str, Any]:
        """Tell it something, and return its answer."""
        self.tell(**command)
        return self.answer()

    def pause(self) -> None:
        """Stop it where it stands."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def main(refs: list[str]) -> None:  # noqa: C901
    """Be an instance, until the input ends."""
    from modeldex import bootstrap
    from modeldex.bootstrap import authored, writing
    from modeldex.bootstrap.following import follow, open_bus
    from modeldex.errors import ModeldexError

    if packaged := os.environ.get("MODELDEX_TEST_PACKAGED"):
        for module in (bootstrap, authored, writing):
            module.PACKAGED = packaged  # type: ignore[attr-defined]
    every = float(os.environ.get("MODELDEX_TEST_EVERY", "1"))
    registry = bootstrap.open()
    bus = open_bus()
    follower = follow(registry, bus, every=every)
    saying = threading.Lock()

    def say(**what: Any) -> None:
        with saying:
            print(json.dumps(what), flush=True)  # noqa: T201

    def watch() -> None:
        seen: Any = None
        while True:
            catalog = registry.catalog
            found = *values_of(catalog, refs), catalog.snapshot.meta.get("epoch", "")
            if found != seen:
                seen, at = found, time.monotonic()
                say(at=at, seen=found[0], values=found[1], epoch=found[2])
            time.sleep(LOOK_SECONDS)

    stored, _ = registry._written()
    committed: list[float] = []
    stored.on_commit.append(lambda _head: committed.append(time.monotonic()))
    follower.start()
    threading.Thread(target=watch, daemon=True).start()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            if "edit" in told:
                ref, value = told["edit"]
                given = dict.fromkeys(FIELDS, value)
                made = registry.edits.set(ref, given, because="a test", by="tester")
                assert made.revision is not None
                say(revision=made.revision.number, at=committed.pop())
            elif "read" in told:
                revision, values = values_of(registry.catalog, refs)
                say(revision=revision, values=values)
            elif "digest" in told:
                say(digest=digest_of(registry.catalog), etag=registry.digest)
            elif "wait" in told:
                say(there=follower.wait_for(*told["wait"]), at=time.monotonic())
            elif "status" in told:
                status = follower.status()
                said = {name: getattr(status, name) for name in status.__slots__}
                say(**said, looks=follower.looks)
        except ModeldexError as error:
            say(error=error.code, text=str(error))


def values_of(catalog: Any, refs: list[str]) -> tuple[int, list[Any]]:
    """Return the revision of a catalog, and what it says of some models."""
    found = []
    for ref in refs:
        provider, model_id = ref.split("/", 1)
        model = catalog.get(provider, model_id)
        found.append([getattr(model, name, None) for name in FIELDS])
    return int(catalog.snapshot.meta.get("revision", 0)), found


def digest_of(catalog: Any) -> str:
    """Return the digest of all that a catalog says of all models."""
    from hashlib import sha256

    snapshot = catalog.snapshot
    rows = snapshot.rows_columns(list(range(snapshot.meta["models"])))
    lines = sorted("\t".join(columns) for columns in rows)
    return sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
