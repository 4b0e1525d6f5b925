"""The bytes of one shard: all pieces one after the other, and where each ends.

    codes          int16   [frames, K]        frame_ends    int64 [pieces]
    curve          float32 [frames]           feature_ends  int64 [pieces]
    features       float32 [features, D]      hit_ends      int64 [pieces]
    hits           float32 [hits, 2]          labels        int32 [pieces], -1 for none

Frames come first in memory, so that one piece is one read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from engine.protocol import Hit
from engine.training.corpus import EncodedClip
from engine.training.prepare.manifest import DataError, Plan

NO_LABEL = -1


def shard_bytes(pieces: Sequence[EncodedClip], plan: Plan) -> bytes:
    """One safetensors file; the same pieces give the same bytes."""
    codes = [np.asarray(piece.codes.T, np.int16) for piece in pieces]
    curves = [np.asarray(piece.curve, np.float32) for piece in pieces]
    features = [np.asarray(piece.features, np.float32) for piece in pieces]
    hits = [np.array([(hit.time_s, hit.strength) for hit in piece.hits], np.float32) for piece in pieces]
    labels = [NO_LABEL if piece.label is None else piece.label for piece in pieces]
    return save(
        {
            "codes": _joined(codes, (plan.codec.num_codebooks,), np.int16),
            "curve": _joined(curves, (), np.float32),
            "features": _joined(features, (plan.encoder.width,), np.float32),
            "hits": _joined(hits, (2,), np.float32),
            "frame_ends": _ends(codes),
            "feature_ends": _ends(features),
            "hit_ends": _ends(hits),
            "labels": np.array(labels, np.int32),
        }
    )


def _joined(parts: Sequence[NDArray[Any]], inner: tuple[int, ...], kind: type[np.generic]) -> NDArray[Any]:
    shaped = [part.reshape(-1, *inner) for part in parts]
    return np.ascontiguousarray(np.concatenate([np.zeros((0, *inner), kind), *shaped]))


def _ends(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    return np.cumsum([len(part) for part in parts], dtype=np.int64)


class OpenShard:
    """A shard whose pieces are read as they are asked for; the file is mapped, not loaded.

    Raises:
        DataError: it is no shard.
    """

    def __init__(self, path: Path, features_per_s: int) -> None:
        self._features_per_s = features_per_s
        try:
            file: Any = safe_open(str(path), framework="numpy")
            self._file = file
            self._ends = {
                name: np.concatenate([[0], file.get_tensor(name)])
                for name in ("frame_ends", "feature_ends", "hit_ends")
            }
            self._labels: NDArray[np.int32] = file.get_tensor("labels")
        except (OSError, SafetensorError) as error:
            raise DataError(
                f"The shard {path} cannot be read ({error}): delete it and run `foley data prepare` again."
            ) from error

    def __len__(self) -> int:
        return len(self._labels)

    def piece(self, number: int) -> EncodedClip:
        codes = self._rows("codes", "frame_ends", number)
        label = int(self._labels[number])
        return EncodedClip(
            codes=np.ascontiguousarray(codes.T),
            features=self._rows("features", "feature_ends", number),
            features_per_s=self._features_per_s,
            curve=self._rows("curve", "frame_ends", number),
            label=None if label == NO_LABEL else label,
            hits=[
                Hit(float(time_s), float(strength))
                for time_s, strength in self._rows("hits", "hit_ends", number)
            ],
        )

    def _rows(self, name: str, ends: str, number: int) -> NDArray[Any]:
        begin, end = self._ends[ends][number : number + 2]
        stored = self._file.get_slice(name)
        if begin == end:  # safetensors refuses an empty slice at the end
            return np.zeros((0, *stored.get_shape()[1:]), np.float32)
        rows: NDArray[Any] = stored[int(begin) : int(end)]
        return rows
