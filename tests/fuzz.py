"""A small coverage-guided fuzzer: what leads to a line of the program that no input reached before is kept and changed
further. It finds what random bytes never would (see its control in tests/test_fuzz.py)."""

from __future__ import annotations

import copy
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import app
from app.errors import UserError

_OURS = str(Path(app.__file__).parent)
_LONGEST = 200_000  # bytes of an input
_SCRAPS = (
    b"0", b"-1", b"1e999", b"NaN", b"null", b"true", b'""', b"[]", b"{}", b"[[[[", b"\0", b"\xff", b"\xed\xa0\x80",
    b"\\ud800", b"9" * 400, b"9" * 5000, b"\n", b"\r", b'"', b",", b"'", b"2026-02-30", b"9999-99-99", b"=1+1",
    b"\xef\xbb\xbf",
)  # fmt: skip


class Target(NamedTuple):
    """A reader, good inputs of it, and words of its language."""

    name: str
    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()


class Result(NamedTuple):
    """How often it was run, how many steps of the program were reached, how many inputs led to new ones."""

    runs: int
    steps: int
    kept: int
    refused: int


def fuzz(target: Target, *, seconds: float = 0, runs: int = 0, seed: int = 1, within: str = _OURS) -> Result:
    """Feed changed inputs until the time or the number of runs is up.

    Whatever is raised but UserError comes through, with the input as a note.
    """
    chance = random.Random(seed)
    known: set[tuple[CodeType, int, int]] = set()
    corpus, refused, done = [], 0, 0
    for data in target.seeds:
        found, sentence = _run(target, data, within)
        assert sentence is None, f"{target.name}: a good input is refused: {sentence}"
        known |= found
        corpus.append(data)
    end = time.monotonic() + seconds
    while done < runs or (seconds and time.monotonic() < end):
        data = _changed(chance, corpus, target.words)
        try:
            found, sentence = _run(target, data, within)
        except BaseException as error:
            error.add_note(f"{target.name} was given {len(data)} bytes: {data[:2000]!r}")
            raise
        refused += sentence is not None
        if not found <= known:
            known |= found
            corpus.append(data)
        done += 1
    return Result(done, len(known), len(corpus), refused)


def _run(target: Target, data: bytes, within: str) -> tuple[set[tuple[CodeType, int, int]], str | None]:
    """The steps (from line to line) that an input led to, and the sentence with which it was refused."""
    steps: set[tuple[CodeType, int, int]] = set()

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(within):
            return None
        before = -1

        def line(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal before
            if event == "line":
                steps.add((code, before, frame.f_lineno))
                before = frame.f_lineno
            return line

        return line

    kept = sys.gettrace()
    sys.settrace(trace)
    try:
        target.read(data)
    except UserError as error:
        return steps, str(error)
    finally:
        sys.settrace(kept)
    return steps, None


_ODD: Sequence[Any] = (
    None, True, 0, -1, 1.5, 10**30, "",
    "x" * 3000, "\0", "2026-02-30", "\ud800", [], {}, [[]], [None] * 300, {"": {}}, "0.001",
)  # fmt: skip


def _changed_json(chance: random.Random, data: bytes) -> bytes:
    """JSON that is still JSON: values replaced, left out, doubled, or put into one another."""
    try:
        found = [json.loads(data)]
    except (ValueError, RecursionError):
        return data
    for __ in range(chance.choice((1, 1, 2, 5))):
        node: Any = found
        while True:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            key = chance.choice(keys) if keys else 0
            if not keys or not isinstance(node[key], (dict, list)) or not node[key] or chance.random() < 0.1:
                break
            node = node[key]
        if not keys:
            continue
        match chance.randrange(5):
            case 0 if len(node) > 1:
                del node[key]
            case 1 if isinstance(node, list):
                node.append(node[key])
            case 2 if isinstance(node, dict):
                node[chance.choice(("", "id", f"{key}x"))] = node[key]
            case 3:
                node[key] = [node[key]]
            case _:
                node[key] = copy.deepcopy(chance.choice(_ODD))
    try:
        return json.dumps(found[0] if found else None).encode("utf-8", "replace")
    except RecursionError:
        return data


def _changed(chance: random.Random, corpus: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """One input of the corpus with one to eight changes; the newest are taken more often."""
    chosen = corpus[-1 - int(chance.random() ** 2 * len(corpus))] if corpus else b""
    if chosen[:1] in (b"{", b"[") and chance.random() < 0.7:
        return _changed_json(chance, chosen)
    data = bytearray(chosen)
    for __ in range(1 << chance.randrange(4)):
        at = chance.randrange(len(data) + 1)
        length = min(len(data) - at, 1 << chance.randrange(9))
        match chance.randrange(8):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.randrange(256)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length] * chance.choice((1, 1, 2, 50))
            case 4:
                data[at:at] = chance.choice(_SCRAPS)
            case 5 if words:
                data[at : at + chance.choice((0, length))] = chance.choice(words)
            case 6 if corpus:
                other = chance.choice(corpus)
                place = chance.randrange(len(other) + 1)
                data[at:at] = other[place : place + length]
            case _:
                data[at : at + length] = chance.randbytes(chance.randrange(8))
    return bytes(data[:_LONGEST])
