"""The real recordings that training and evaluation hear, split once and for all.

A recordings folder holds audio files and a `manifest.csv` (path, class, recording_id, author, licence,
…). Recordings are held out whole, by `recording_id`, in every class that has at least four; the rest of
the classes are trained on and never tested. What was heard stays in memory: libraries that do not fit are read by
`engine.training.film_recordings`.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.errors import MediaNotFound, RequestError

Split = Literal["train", "held_out"]

MANIFEST = "manifest.csv"
MIN_RECORDINGS_TO_HOLD_OUT = 4
HELD_OUT_SHARE = 0.2
HIGH_PASS_HZ = 60.0


@dataclass(frozen=True)
class Recording:
    """One file. `wav` is float32 mono [N] at `sample_rate`, high-passed, at its own level."""

    path: Path
    label: str
    recording_id: str
    author: str
    licence: str
    licence_text: str
    source: str
    split: Split
    sample_rate: int

    @cached_property
    def wav(self) -> NDArray[np.float32]:
        samples, rate = soundfile.read(self.path, dtype="float32", always_2d=True)
        mono = soxr.resample(samples.mean(axis=1), rate, self.sample_rate, quality="VHQ")
        return high_passed(mono.astype(np.float32), self.sample_rate)

    def stretch(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """What a crop is cut from, [N]: all of it."""
        return self.wav


@dataclass(frozen=True)
class RecordingLibrary:
    """All recordings of a folder, in the manifest's order."""

    recordings: list[Recording]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted({recording.label for recording in self.recordings}))

    @property
    def tested_labels(self) -> tuple[str, ...]:
        return tuple(sorted({r.label for r in self.recordings if r.split == "held_out"}))

    def of_split(self, split: Split) -> list[Recording]:
        return [recording for recording in self.recordings if recording.split == split]


def read_library(folder: Path, *, sample_rate: int = 16000) -> RecordingLibrary:
    """Read a recordings folder's manifest; audio is read when it is first heard.

    Raises:
        MediaNotFound: there is no manifest.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise MediaNotFound(
            f"There are no recordings in {folder}: give a folder that has a manifest.csv (see README, Training)."
        )
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    held_out = _held_out_ids([(row["class"], row["recording_id"]) for row in rows])
    return RecordingLibrary(
        [
            Recording(
                path=folder / row["path"],
                label=row["class"],
                recording_id=row["recording_id"],
                author=row["author"],
                licence=row["licence"],
                licence_text=row["licence_text"],
                source=row["source_repo"],
                split="held_out" if row["recording_id"] in held_out else "train",
                sample_rate=sample_rate,
            )
            for row in rows
        ]
    )


def refuse_other_rate(library: RecordingLibrary, sample_rate: int) -> None:
    """
    Raises:
        RequestError: recordings were read at another rate than what learns from them.
    """
    rates = {recording.sample_rate for recording in library.recordings}
    if rates - {sample_rate}:
        raise RequestError(
            f"The recordings were read at {', '.join(map(str, sorted(rates)))} Hz, and this codec hears {sample_rate} "
            "Hz: read them at its rate."
        )


def _held_out_ids(pairs: list[tuple[str, str]]) -> set[str]:
    """Choose by hash, so that a recording added later moves none of the others."""
    by_label: dict[str, set[str]] = {}
    for label, recording_id in pairs:
        by_label.setdefault(label, set()).add(recording_id)
    chosen: set[str] = set()
    for ids in by_label.values():
        if len(ids) >= MIN_RECORDINGS_TO_HOLD_OUT:
            ranked = sorted(ids, key=lambda i: hashlib.sha256(i.encode()).hexdigest())
            chosen.update(ranked[: max(1, round(len(ids) * HELD_OUT_SHARE))])
    return chosen


def high_passed(wav: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Take away what lies under 60 Hz, zero phase, with a raised-cosine edge an octave wide."""
    if wav.size < 2:
        return wav
    size = 1 << int(np.ceil(np.log2(wav.size + sample_rate // 8)))
    frequency_hz = np.fft.rfftfreq(size, 1 / sample_rate)
    octaves = np.clip(np.log2(np.maximum(frequency_hz, 1e-3) / HIGH_PASS_HZ) + 0.5, 0.0, 1.0)
    gain = 0.5 - 0.5 * np.cos(np.pi * octaves)
    return np.fft.irfft(np.fft.rfft(wav, size) * gain, size)[: wav.size].astype(np.float32)
