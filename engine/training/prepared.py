"""A prepared set as a corpus: clips to learn from, read from its shards as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus import EncodedClip
from engine.training.prepare.manifest import (
    PROMPTS_FILE,
    DataError,
    Manifest,
    ShardEntry,
    read_manifest,
    record_path,
    sha256_of_file,
)
from engine.training.prepare.prompts import read_prompts
from engine.training.prepare.shard import OpenShard

MAX_OPEN_SHARDS = 128


class PreparedSet(Sequence[EncodedClip]):
    """The pieces of a set, in the order of its clips. Small: shards are mapped, and only some at a time.

    It pickles as the folder that it is, for the workers of a DataLoader; checksums are not taken again there.

    Args:
        verify: read every shard once and compare its sha256; leave out only where that was just done.

    Raises:
        DataError: there is no finished set in the folder, or a file of it is damaged.
    """

    def __init__(self, folder: Path, *, verify: bool = True) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self._ends = np.cumsum([entry.num_pieces for entry in self.manifest.shards], dtype=np.int64)
        if verify and (damaged := damaged_files(folder, self.manifest)):
            raise DataError(
                f"The file {folder / damaged[0]} is damaged: delete it and run `foley data prepare` again."
            )
        self._prompts = self._read_prompts()
        self._open: dict[int, OpenShard] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        """What the numbers of labels mean."""
        return self.manifest.plan.labels

    def __len__(self) -> int:
        return self.manifest.num_pieces

    @overload
    def __getitem__(self, index: int) -> EncodedClip: ...
    @overload
    def __getitem__(self, index: slice) -> list[EncodedClip]: ...
    def __getitem__(self, index: int | slice) -> EncodedClip | list[EncodedClip]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(f"piece {index} of {len(self)}")
        shard = int(np.searchsorted(self._ends, at, side="right"))
        first = int(self._ends[shard - 1]) if shard else 0
        clip = self._shard(shard).piece(at - first)
        if self._prompts is None or clip.label is None:
            return clip
        return replace(clip, prompt=self._prompts[clip.label])

    def _shard(self, number: int) -> OpenShard:
        """Opened shards stay open, the least recently used ones no longer than there is room."""
        opened = self._open.pop(number, None)
        if opened is None:
            plan = self.manifest.plan
            opened = OpenShard(self.folder / self.manifest.shards[number].file, plan.features_per_s)
        self._open[number] = opened
        if len(self._open) > MAX_OPEN_SHARDS:
            del self._open[next(iter(self._open))]
        return opened

    def _read_prompts(self) -> NDArray[np.float32] | None:
        if self.manifest.prompts_sha256 is None:
            return None
        return read_prompts(self.folder / PROMPTS_FILE)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}}


def damaged_files(folder: Path, manifest: Manifest) -> list[str]:
    """The names of a set's files that are missing or not what the manifest says."""
    found = [name for entry in manifest.shards for name in _damaged(folder, entry)]
    if manifest.prompts_sha256 is not None and not _is(folder / PROMPTS_FILE, manifest.prompts_sha256):
        found.append(PROMPTS_FILE)
    return found


def _damaged(folder: Path, entry: ShardEntry) -> list[str]:
    path = folder / entry.file
    wanted = {path: entry.sha256, record_path(path): entry.record_sha256}
    return [file.name for file, sha256 in wanted.items() if not _is(file, sha256)]


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of_file(path) == sha256
