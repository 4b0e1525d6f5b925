"""Changes to bytes, to lines and to zip archives."""

from __future__ import annotations

import io
import json
import zipfile
from random import Random
from typing import Any

from .json_mutations import mutated_json

HOSTILE_NAMES = [
    "/abs",
    "../up",
    "a/../../b",
    "C:\\x",
    "content.otio",
    "media/\x01",
    "x" * 300,
    "media/",
    "é",
]


def mutated_bytes(raw: bytes, random: Random) -> bytes:
    content = bytearray(raw)
    for _ in range(random.choice((1, 1, 3, 10, 100))):
        at = random.randrange(max(1, len(content)))
        length = random.choice((1, 4, 16, 200))
        kind = random.randrange(6)
        if kind == 0 and content:
            content[at] = random.randrange(256)
        elif kind == 1:
            content[at : at + length] = bytes(length)
        elif kind == 2:
            content[at : at + length] = random.randbytes(length)
        elif kind == 3 and random.random() < 0.2:
            del content[at:]
        elif kind == 4 and random.random() < 0.2:
            del content[at : at + length]
        else:
            content[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(content)


def mutated_lines(raw: bytes, random: Random) -> bytes:
    if random.random() < 0.2:
        return mutated_bytes(raw, random)
    lines = raw.decode("latin-1").splitlines()
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        if not lines:
            break
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        kind = random.randrange(6)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 2:
            lines.insert(at, lines[other])
        elif kind == 3:
            digits = [place for place, sign in enumerate(lines[at]) if sign.isdigit()]
            if digits:
                place = random.choice(digits)
                lines[at] = lines[at][:place] + random.choice("0123456789;-x ") + lines[at][place + 1 :]
        elif kind == 4:
            fields = lines[at].split(" ")
            del fields[random.randrange(len(fields))]
            lines[at] = " ".join(fields)
        else:
            lines[at] = random.choice(
                ("FCM: DROP FRAME", "SPLIT: AUDIO DELAY= 1", "M2 A 000.0", "7", "\x00", "*")
            )
    return "\n".join(lines).encode("latin-1")


def mutated_zip(root: Any, random: Random) -> bytes:
    """A bundle of a mutated timeline, with odd members, or damaged as a file."""
    stream = io.BytesIO()
    content = mutated_json(root, random) if random.random() < 0.7 else json.dumps(root).encode()
    with zipfile.ZipFile(stream, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        archive.writestr("content.otio", content)
        archive.writestr("media/a.mov", b"moving" * 50)
        if random.random() < 0.3:
            archive.writestr(random.choice(HOSTILE_NAMES[:4] + HOSTILE_NAMES[5:]), b"x")
    raw = stream.getvalue()
    return mutated_bytes(raw, random) if random.random() < 0.4 else raw
