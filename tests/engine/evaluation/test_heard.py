"""What is heard in a take against the hits that it was made for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.heard import Sync, heard_onsets_s, reference_f1, sync_of
from engine.media.wav_stream import held
from engine.protocol import Generate, Hit, Picture, Span

REQUEST = Generate(
    id=1,
    picture=Picture("/film.mov", [Span((4, 1), (0, 1))]),
    wav_paths=[],
    num_samples=4 * 48000,
    head=(1, 1),
    tail=(1, 1),
)
"""A clip of 2 s with handles of 1 s."""


def hits(*times_s: float) -> list[Hit]:
    return [Hit(time_s) for time_s in times_s]


def test_sync_is_the_f1_of_what_is_heard_and_the_median_of_how_late_it_is() -> None:
    assert sync_of(REQUEST, [0.51, 1.02, 1.53], hits(0.5, 1.0, 1.5)) == Sync(1.0, 20.0)
    assert sync_of(REQUEST, [0.49, 1.3], hits(0.5, 1.0)) == Sync(0.5, -10.0)
    assert sync_of(REQUEST, [], hits(0.5)) == Sync(0.0, None)


def test_hits_in_the_handles_do_not_count_and_a_clip_without_hits_has_no_sync() -> None:
    assert sync_of(REQUEST, [0.5], hits(-0.5, 0.5, 2.5)) == Sync(1.0, 0.0)
    assert sync_of(REQUEST, [0.5], hits(-0.5, 2.5)) == Sync()


def test_a_long_sound_is_heard_stretch_by_stretch_and_every_onset_once(tmp_path: Path) -> None:
    clicks_s = [0.5, 30.25, 59.99, 60.75, 61.5, 100.0, 119.98, 130.5]
    wav = np.zeros(16000 * 131, np.float32)
    decay = np.exp(-np.arange(1600, dtype=np.float32) / 300)
    noise = np.random.default_rng(1).normal(size=1600).astype(np.float32)
    for time_s in clicks_s:
        first = round(time_s * 16000)
        wav[first : first + 1600] += 0.3 * (decay * noise)[: len(wav) - first]
    request = Generate(1, Picture("/film.mov", [Span((131, 1), (0, 1))]), [], len(wav), sample_rate=16000)
    with held([wav], 16000, ceiling=1.0, folder=tmp_path) as sound:
        found = heard_onsets_s(request, sound, 16000)
    assert found == pytest.approx(clicks_s, abs=0.01)


def test_against_the_truth_there_is_a_figure_only_where_the_truth_is_known() -> None:
    assert reference_f1(REQUEST, [0.5]) is None
