"""The chunks of a WAV, walked by hand: no code of the writer's."""

from __future__ import annotations

from pathlib import Path


def chunks_of(path: Path) -> dict[str, bytes]:
    """Chunks by name, in order; checks that each begins on an even byte and that sizes add up."""
    content = path.read_bytes()
    form, size, kind = content[:4], int.from_bytes(content[4:8], "little"), content[8:12]
    assert kind == b"WAVE"
    found: dict[str, bytes] = {}
    at = 12
    while at < len(content):
        name, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if form == b"RF64" and name == b"data":
            length = int.from_bytes(found["ds64"][8:16], "little")
        assert at % 2 == 0 and at + 8 + length <= len(content)
        found[name.decode("ascii")] = content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    total = int.from_bytes(found["ds64"][:8], "little") if form == b"RF64" else size
    assert total == len(content) - 8
    return found
