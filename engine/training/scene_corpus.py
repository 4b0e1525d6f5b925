"""The rendered scenes of a set as a corpus for the language model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus import EncodedClip
from engine.training.scene_set import PICTURES_PER_S, codes_path, read_shard, shard_paths
from engine.visual.encoder import VisualEncoder


class SceneCorpus(Sequence[EncodedClip]):
    """All scenes of a set that are encoded; looks for new shards when told to."""

    def __init__(self, folder: Path, codec_id: str, encoder: VisualEncoder) -> None:
        self._folder, self._codec_id, self._encoder = folder, codec_id, encoder
        self._seen: set[Path] = set()
        self._clips: list[EncodedClip] = []
        self.refresh()

    def __len__(self) -> int:
        return len(self._clips)

    @overload
    def __getitem__(self, index: int) -> EncodedClip: ...
    @overload
    def __getitem__(self, index: slice) -> list[EncodedClip]: ...
    def __getitem__(self, index: int | slice) -> EncodedClip | list[EncodedClip]:
        return self._clips[index]

    def refresh(self) -> None:
        """Take in what was encoded since: a set may grow while it is learned from."""
        for path in shard_paths(self._folder):
            codes_file = codes_path(path, self._codec_id)
            if path not in self._seen and codes_file.exists():
                self._seen.add(path)
                self._append(path, np.load(codes_file))

    def _append(self, path: Path, codes: NDArray[np.int16]) -> None:
        shard = read_shard(path)
        count, pictures = shard.frames.shape[:2]
        seen = self._encoder.encode(
            shard.frames.reshape(count * pictures, 1, *shard.frames.shape[2:])
        ).numpy()
        features = seen.reshape(count, pictures, -1)
        for i in range(count):
            self._clips.append(
                EncodedClip(
                    codes[i],
                    features[i],
                    PICTURES_PER_S,
                    shard.curve[i],
                    int(shard.label[i]),
                    shard.hits_of(i),
                )
            )
