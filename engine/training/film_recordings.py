"""Films and sounds as recordings: a folder of them, or a list in VGGSound's format, however many there are.

Nothing is decoded before a crop is drawn from it, and then a stretch of at most 5 s. The newest stretches are kept,
so that a few clips are not decoded again and again; 172,000 of them would not fit into memory.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import MediaError, MediaUnreadable
from engine.evaluation.samples import SOUND_SUFFIXES
from engine.media.audio import resample
from engine.media.sound_range import read_sound_stretch, sound_length_s
from engine.training.prepare.listing import SUFFIXES, ClipSource, Listing, list_csv, list_folder
from engine.training.prepare.manifest import DataError
from engine.training.recordings import (
    MANIFEST,
    MIN_RECORDINGS_TO_HOLD_OUT,
    Recording,
    RecordingLibrary,
    high_passed,
    read_library,
)

STRETCH_S = 5.0
"""Decoded at a time, at most: some crops' length, so that there is a choice, and far less than a film of hours.

A longer sound has as few equal stretches as there can be, so none is shorter than half.
"""
KEPT_STRETCHES = 64
"""In each process that draws: at 16 kHz at most 20 MB."""
KEPT_LENGTHS = 1 << 18
SILENCE = 10 ** (-60 / 20)
"""A stretch whose greatest sample is below is silent, and teaches nothing."""
HELD_OUT_SHARE = 0.01
"""Of so many clips a hundredth is enough to hear whether the training helps."""


@dataclass(frozen=True)
class FilmRecording(Recording):
    """A film with sound, or a sound file, that is decoded as it is heard."""

    @property
    def wav(self) -> NDArray[np.float32]:
        """Its first stretch."""
        return _stretch(self.path, 0, self.sample_rate)

    def stretch(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """All of a short one; of a long one a stretch that `rng` chooses.

        Raises:
            MediaNotFound, MediaUnreadable: it cannot be decoded, or is silent there.
        """
        try:
            count, _ = _equal_stretches(self.path)
            return _stretch(self.path, int(rng.integers(count)), self.sample_rate)
        except MediaError:
            raise
        except Exception as error:  # whatever a damaged file makes a decoder raise
            raise MediaUnreadable(f"The sound of {self.path} cannot be decoded ({error}).") from error


def read_sounds(
    source: Path, clips: Path | None = None, *, split: str = "train", sample_rate: int = 16000
) -> RecordingLibrary:
    """A folder with a manifest, a folder of films or sounds, or a list in VGGSound's format with its films in `clips`.

    Raises:
        MediaNotFound, DataError: there is nothing to hear.
    """
    if (source / MANIFEST).is_file():
        return read_library(source, sample_rate=sample_rate)
    suffixes = SUFFIXES | set(SOUND_SUFFIXES)
    if source.is_dir():
        return library_of(list_folder(source, split=split, suffixes=suffixes), sample_rate)
    return library_of(list_csv(source, clips or source.parent, split=split, suffixes=suffixes), sample_rate)


def library_of(listing: Listing, sample_rate: int) -> RecordingLibrary:
    """The clips of a list that are there. Some are held out, chosen by their names.

    Raises:
        DataError: none of them is there.
    """
    there = [clip for clip in listing.clips if clip.path is not None]
    if not there:
        reason = next((clip.trouble for clip in listing.clips if clip.trouble), "")
        raise DataError(f"None of the {len(listing.clips)} clips of the list can be heard. {reason}".strip())
    held_out = _held_out(there)
    return RecordingLibrary(
        [
            FilmRecording(
                path=Path(clip.path or ""),
                label=clip.label or "",
                recording_id=clip.name,
                author="",
                licence="",
                licence_text="",
                source="",
                split="held_out" if clip.name in held_out else "train",
                sample_rate=sample_rate,
            )
            for clip in there
        ]
    )


def _held_out(clips: Sequence[ClipSource]) -> set[str]:
    if len(clips) < MIN_RECORDINGS_TO_HOLD_OUT:
        return set()
    ranked = sorted((clip.name for clip in clips), key=lambda n: hashlib.sha256(n.encode()).hexdigest())
    return set(ranked[: max(1, round(len(ranked) * HELD_OUT_SHARE))])


@lru_cache(maxsize=KEPT_LENGTHS)
def _length_s(path: Path) -> float:
    return sound_length_s(path)


def _equal_stretches(path: Path) -> tuple[int, float]:
    """How many stretches a sound has, and how many seconds each lasts.

    All of it is heard, each part as often: what padding adds to 10 s would alone be a click, drawn as often as 5 s.
    """
    length_s = _length_s(path)
    count = max(1, math.ceil(length_s / STRETCH_S))
    return count, length_s / count or STRETCH_S


@lru_cache(maxsize=KEPT_STRETCHES)
def _stretch(path: Path, number: int, sample_rate: int) -> NDArray[np.float32]:
    _, lasts_s = _equal_stretches(path)
    sound, own_rate = read_sound_stretch(path, number * lasts_s, lasts_s)
    wav = high_passed(resample(sound, own_rate, sample_rate), sample_rate)
    if not wav.size or np.abs(wav).max() < SILENCE or not np.isfinite(wav).all():
        raise MediaUnreadable(f"There is nothing to be heard in {path}: leave it out.")
    wav.flags.writeable = False
    return wav
