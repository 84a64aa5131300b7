"""Malformed provider files: hand-made traps, and seeded mutations of real files."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVIDERS = Path(__file__).parents[1] / "src" / "modeldex" / "data" / "providers"
SAMPLES = (
    b"""\
provider: acme
name: Acme
kind: first_party
env: [ACME_API_KEY]
default_model: acme/large
updated_at: 2026-11-12
contract:
  - {models: ["acme/l*", acme/free], percent_off: 15, valid_from: 2026-01-01}
  - service_tier: batch
    input: 2
models:
  acme/large:
    name: Acme Large
    canonical: acme/large
    context_window: 200000
    max_output_tokens: 64000
    pricing: {input: 3, output: 15, cache_read: 0.3}
    capabilities: {function_calling: yes, reasoning: {efforts: [low, high]}}
    modalities: {input: [text, image], output: [text]}
    rates:
      above=200000: {input: 6, output: 22.5}
      service_tier=batch above=200k: {input: 3}  # half
      hours=12345/00:30-16:30+67/00:00-24:00 zone=Asia/Shanghai: {input: 0.15}
      region=eu: {multiplier: 1.1}
      free=day pool=shared: {searches: 1500}
      contract=yes valid_from=2026-01-01 valid_to=2027-01-01: {percent_off: 15}
    release_date: 2026-01-15
    sources: {"*": models.dev, pricing: genai-prices, rates.input@above=200000: x}
  acme/free:
    pricing: free
    metadata: {note: "a: b", sizes: [1, 2]}
""",
    b"""\
provider: old
default_model: 'old/one'
models:
  # written by hand
  old/one:
    capabilities:
    - streaming
    - vision
    context_window: 10000000.0
    deprecation_date: '2026-02-25'
    pricing:
      input: 3e-07
      output: 0.0
    supported_modalities:
    - text
  old/two: {}
""",
)
_HEAD = b"provider: acme\nmodels:\n  m:\n"
_BEYOND_2_MIB = 10 * 1024 * 1024


def _in_model(line: bytes) -> bytes:
    return _HEAD + b"    " + line + b"\n    context_window: 8\n"


def traps() -> list[bytes]:
    """Return documents made to trip a reader of YAML, some of them large."""
    values = (
        b"name: !!python/object/apply:os.system [ls]",
        b"name: !!binary aGVsbG8=",
        b"name: &a text",
        b"name: *a",
        b"<<: {name: x}",
        b"<<: *base",
        b"name: one\n    name: two",
        b"context_window: 1e3",
        b"context_window: 1e999999999",
        b"context_window: 1_000",
        b"context_window: 0x10",
        b"context_window: 010",
        b"context_window: -1",
        b"context_window: 1:30",
        b"context_window: .inf",
        b"context_window: 1.5",
        b"context_window: [1]",
        b"context_window: " + b"9" * 5000,
        b"pricing: {input: .nan}",
        b"pricing: {input: 3e-07, output: 1e3}",
        b"pricing: {input: 1e-999999999}",
        b"pricing: {input: -1, output: +1}",
        b"pricing: {input: 1000001}",
        b"pricing: {input: 0.1234567890123456789012345}",
        b"pricing: {inptu: 3}",
        b"pricing: 3",
        b"rates: 3",
        b"rates: [above=200000]",
        b"rates: {above=200000: 3}",
        b"rates: {above=200000: {inptu: 3}}",
        b"rates: {above=200000: {input: -1}}",
        b"rates: {above=200000: {input: 1000001}}",
        b"rates: {above=200000 beyond=1: {input: 1}}",
        b"rates: {above=" + b"9" * 200 + b": {input: 1}}",
        b"rates: {above=0: {input: 1}}",
        b"rates: {abvoe=1: {input: 1}}",
        b"rates: {above: {input: 1}}",
        b'rates: {"": {input: 1}}',
        b'rates: {"above=1 above=2": {input: 1}}',
        b"rates: {above=200k: {input: 1}, above=200_000: {input: 1}}",
        b"rates: {valid_from=2026-02-30: {input: 1}}",
        b"rates: {valid_from=2026-02-02 valid_to=2026-02-02: {input: 1}}",
        b"rates: {hours=25:00-26:00: {input: 1}}",
        b"rates: {hours=" + b"00:00-01:00+" * 15 + b": {input: 1}}",
        b"rates: {hours=00:00-01:00 zone=../../etc/passwd: {input: 1}}",
        b"rates: {zone=UTC: {input: 1}}",
        b"rates: {service_tier=: {input: 1}}",
        b"rates: {service_tier=a=b: {input: 1}}",
        b'rates: {"service_tier=\\e[31m": {input: 1}}',
        b"rates: {percent_off=1: {input: 1}}",
        b"rates: {region=eu: {percent_off: 15}}",
        b"rates: {contract=yes: {percent_off: 101}}",
        b"rates: {region=eu: {multiplier: 0}}",
        b"rates: {free=day: {searches: 0}}",
        b"rates: {free=week: {searches: 1}}",
        b"rates: {? [a] : {input: 1}}",
        b"rates: {" + b"x" * 300 + b": {input: 1}}",
        b"rates:\n" + b"".join(b"      q%d=1: {input: 1}\n" % n for n in range(3000)),
        b"sources: {rates.inptu@above=1: x}",
        b"sources: {rates.input@abvoe=1: x}",
        b"open_weights: maybe",
        b'open_weights: "yes"',
        b"capabilities: {vision: 1}",
        b"capabilities: [vision, [vision], {vision: no}]",
        b"capabilities: {tools: yes, function_calling: no}",
        b"release_date: 2026-02-30",
        b"deprecation_date: 2026",
        b"sources: {prcing: litellm, pricing: curated}",
        b"contxt_window: 5",
        b'name: "a\\0b"',
        b'name: "\\ud800"',
        b'name: "a\\u2028b"',
        b"name: a\x00b",
        b"name: a\x1bb",
        b"name: a\xe2\x80\xa8b",
        b"name: a\xc2\x85b",
        b"name: a\xffb",
        b"name: a\rb",
        b"? [a, b]\n    : c",
        b"? {a: b}\n    : c",
        b"[a]: c",
        b"metadata: " + b"{a: " * 1000 + b"1" + b"}" * 1000,
        b"metadata: " + b"[" * 1000 + b"]" * 1000,
        b"metadata: " + b"[" * 100_000,
        b"metadata: " + b"{a: " * 20 + b"1" + b"}" * 20,
        b"metadata: {a: &x [*x]}",
        b"name: " + b"x" * 70_000,
        b"name: |\n      " + b"x" * 70_000,
        b"metadata: {" + b"k" * 5000 + b": 1}",
    )
    whole = (
        b"",
        b"\xef\xbb\xbf",
        b"\xff\xfep\x00r\x00",
        b"# only a comment\n",
        b"--- \n",
        b"- a\n- b\n",
        b"text\n",
        b"no\n",
        b"{",
        b"a: b: c\n",
        b"\t\n",
        b"%YAML 1.1\n---\nprovider: acme\n",
        b"%TAG ! tag:x,2000:\n---\nprovider: acme\n",
        b"provider: acme\n---\nprovider: other\n",
        b"provider: ../x\nmodels: {m: {}}\n",
        b"provider: /etc/passwd\n",
        b"provider: Acme\n",
        b"provider: no\nmodels: {no: {}, 1.5: {}, ~: {}, null: {}}\n",
        b"provider: [a]\n",
        b"provider: acme\nmodels: [a]\n",
        b"provider: acme\nmodels: text\n",
        b"provider: acme\nmodels: {../m: {}, a/../b: {}, ' ': {}, -x: {}, m*: {}}\n",
        b"provider: acme\nmodels: {m: text, n: [a], " + b"x" * 300 + b": {}}\n",
        b"&a provider: acme\n",
        b"!x provider: acme\n",
        b"*a : acme\n",
        b"provider: acme\nunknown: 1\n",
        b"provider: acme\ncontract: {percent_off: 15}\n",
        b"provider: acme\ncontract: [{models: [], percent_off: 15}]\n",
        b"provider: acme\ncontract: [{models: ['../*'], percent_off: 15}]\n",
        b"provider: acme\ncontract: [{percent_off: 101}, {percent_of: 1}, [a]]\n",
        b"provider: acme\ncontract: [{above: 1, beyond: 1, input: 2}, {above: 1}]\n",
        b"provider: acme\ncontract: [" + b"{input: 1}," * 2000 + b"]\n",
        b"- " * 3000,
        b"? " * 3000,
        b"[" * 3000,
        b"{a: " * 3000,
        b"a:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 1000)),
        b"provider: acme\n" + b"x: 1\n" * 3000,
        b"".join(b"k%d: 1\n" % n for n in range(5000)),
        b"\x00\n" * 3000,
        b"x" * _BEYOND_2_MIB,
        _HEAD + b"    name: " + b"x" * _BEYOND_2_MIB,
    )
    return [_in_model(value) for value in values] + list(whole)


_PIECES = (
    *b"{}[]\"'|>-:,#&*!%@`~\n\t\r \x00\x7f\xc2\xff",
    b"\n    ",
    b": ",
    b" #",
    b"- ",
    b"<<: ",
    b"&a ",
    b"*a",
    b"!!x ",
    b"---\n",
    b"...\n",
    b"? ",
    b"no",
    b"1e3",
    b".nan",
    b"-1",
    b"9" * 30,
    b"\xe2\x80\xa8",
    b"models: ",
    b"{a: [1, {b: c}]}",
    b"above=1 ",
    b"=",
    b"@",
    b"contract=yes ",
    b"    rates:\n      hours=00:00-24:00: {input: 1}\n",
)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return bytes with one to four small damages."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(damaged) + 1)
        size = chance.randint(1, 12)
        how = chance.randrange(6)
        if how == 0:
            del damaged[at : at + size]
        elif how == 1:
            damaged[at : at + 1] = bytes([chance.randrange(256)])
        elif how == 2:
            piece = chance.choice(_PIECES)
            damaged[at:at] = bytes([piece]) if isinstance(piece, int) else piece
        elif how == 3:
            other = chance.randrange(len(damaged) + 1)
            damaged[at:at] = damaged[other : other + size * 4]
        elif how == 4:
            damaged[at : at + 1] = bytes([(*damaged, 0)[min(at, len(damaged))] ^ 32])
        else:
            del damaged[at:]
        damaged = damaged or bytearray(b"a")
    return bytes(damaged)


def originals(limit: int = 20_000) -> list[bytes]:
    """Return real provider files to mutate, the large ones cut; else samples."""
    files = sorted(PROVIDERS.glob("*.yaml"))[::7]
    found = []
    for file in files:
        data = file.read_bytes()
        found.append(data[: data.rfind(b"\n", 0, limit) + 1])
    return [*found, *SAMPLES]


def documents(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` malformed documents: all traps, then mutations."""
    made = traps()[:count]
    yield from made
    chance = random.Random(seed)
    files = originals()
    for _ in range(count - len(made)):
        yield mutate(chance.choice(files), chance)
