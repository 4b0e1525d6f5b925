"""Files of the client's machine that go with a request to another: the WAV of the take that a take is made from.

Media are read at the same path everywhere, for they are large; a project's folder need be nowhere but here.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.protocol import Generate, Request

MAX_BYTES = 2**30
"""Of one file: two hours of a take. They lie in memory while they travel."""


def files_for(requests: Sequence[Request]) -> dict[str, bytes]:
    """By the path that a request names. What cannot be read is left out: the engine finds it missing, and says so."""
    files: dict[str, bytes] = {}
    for request in requests:
        if isinstance(request, Generate) and request.original is not None:
            wav = request.original.wav
            if wav not in files:
                with contextlib.suppress(OSError):
                    if Path(wav).is_file() and Path(wav).stat().st_size <= MAX_BYTES:
                        files[wav] = Path(wav).read_bytes()
    return files


@contextlib.contextmanager
def unpacked(requests: Sequence[Request], files: Mapping[str, bytes]) -> Iterator[list[Request]]:
    """The requests with their files where this machine finds them, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="foley-") as folder:
        here: dict[str, str] = {}
        for number, (path, content) in enumerate(files.items()):
            file = Path(folder) / f"{number}_{Path(path).name}"
            file.write_bytes(content)
            here[path] = str(file)
        yield [_moved(request, here) for request in requests]


def _moved(request: Request, here: Mapping[str, str]) -> Request:
    if not isinstance(request, Generate) or request.original is None:
        return request
    wav = here.get(request.original.wav, request.original.wav)
    return replace(request, original=replace(request.original, wav=wav))
