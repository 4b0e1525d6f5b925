"""The outline of a sound: the same however it is cut into blocks, in memory that does not grow with the sound."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.media import waveform
from engine.media.waveform import Outline, peaks, peaks_of
from tests.engine.media.odd_sounds import RATE, Track, with_tracks

BINS_PER_S = 100
MIB = 1 << 20


def noise(duration_s: float, rate: int = RATE) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, round(duration_s * rate)).astype(np.float32)


def naive(wav: np.ndarray, rate: int, bins_per_s: int) -> list[list[float]]:
    num_bins = -(-len(wav) * bins_per_s // rate)
    edges = [i * rate // bins_per_s for i in range(num_bins + 1)]
    bins = [wav[first : max(stop, first + 1)] for first, stop in itertools.pairwise(edges)]
    return [[float(each.min()), float(each.max())] for each in bins]


@pytest.mark.parametrize(("rate", "bins_per_s"), [(48000, 100), (44100, 77), (1000, 999), (3, 7), (5, 5)])
@pytest.mark.parametrize("block_samples", [1, 2, 7, 333, 100_000])
def test_the_outline_does_not_depend_on_the_blocks(rate: int, bins_per_s: int, block_samples: int) -> None:
    wav = noise(1001 / rate, rate)
    outline = Outline(rate, bins_per_s)
    outline.take(wav[first : first + block_samples] for first in range(0, len(wav), block_samples))
    assert outline.peaks().tolist() == naive(wav, rate, bins_per_s)
    assert outline.duration_s == pytest.approx(len(wav) / rate)
    assert peaks_of(wav, rate, bins_per_s).tolist() == naive(wav, rate, bins_per_s)


@pytest.mark.parametrize("kind", ["wav", "mov", "two.mov"])
def test_a_long_sound_is_drawn_in_little_memory(tmp_path: Path, kind: str) -> None:
    wav = np.tile(noise(1.0), 120)
    path = tmp_path / f"rush.{kind}"
    if kind == "wav":
        soundfile.write(path, wav, RATE, subtype="PCM_16")
    else:
        with_tracks(path, *[Track(wav)] * (2 if kind == "two.mov" else 1), picture_s=1.0)
    tracemalloc.start()
    outline, duration_s = peaks(path, BINS_PER_S)
    most_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most_bytes < 12 * MIB < wav.nbytes
    assert len(outline) == 120 * BINS_PER_S and duration_s == pytest.approx(120)
    assert np.array_equal(outline[: 60 * BINS_PER_S], outline[60 * BINS_PER_S :])


@pytest.mark.parametrize("block_samples", [1 << 10, 1 << 18])
@pytest.mark.parametrize("start_s", [0.0, 0.5])
def test_a_films_sound_is_drawn_from_its_first_picture(
    tmp_path: Path, start_s: float, block_samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waveform, "BLOCK_SAMPLES", block_samples)
    wav = noise(2.0)
    film = with_tracks(tmp_path / "film.mkv", Track(wav, start_s=start_s), picture_s=3.0)
    outline, duration_s = peaks(film, BINS_PER_S)
    assert duration_s == pytest.approx(start_s + 2.0, abs=0.001)
    first = round(start_s * BINS_PER_S)
    assert not outline[:first].any()
    assert outline[first : first + 200] == pytest.approx(peaks_of(wav, RATE, BINS_PER_S), abs=0.0001)
