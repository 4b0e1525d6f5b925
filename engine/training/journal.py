"""The log of a training: one JSON line a step, without gaps and without repeats, however often it was killed."""

from __future__ import annotations

import os
from io import BufferedWriter
from pathlib import Path
from typing import Self

import msgspec

LOG_FILE = "log.jsonl"


class Journal:
    """Appends to RUN/log.jsonl. What lies past `step`, the checkpoint gone on from, is cut off first."""

    def __init__(self, folder: Path, step: int, *, is_written: bool = True) -> None:
        self._file: BufferedWriter | None = None
        if not is_written:
            return
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOG_FILE
        kept = [line for line in read_journal(folder) if line["step"] <= step]
        partial = path.with_name(f".{LOG_FILE}.partial")
        partial.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in kept))
        os.replace(partial, path)
        self._file = path.open("ab")

    def write(self, step: int, numbers: dict[str, float]) -> None:
        if self._file is not None:
            self._file.write(msgspec.json.encode({"step": step, **numbers}) + b"\n")
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def read_journal(folder: Path) -> list[dict[str, float]]:
    """The lines of a log, as far as it is whole; none where there is no log."""
    path = folder / LOG_FILE
    lines: list[dict[str, float]] = []
    for line in path.read_bytes().splitlines() if path.is_file() else []:
        try:
            lines.append(msgspec.json.decode(line, type=dict[str, int | float]))
        except msgspec.MsgspecError:  # torn by a kill
            break
    return lines
