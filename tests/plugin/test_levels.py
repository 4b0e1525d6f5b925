"""Gains: to the family's level, under the ceiling, by what is heard; whatever cannot be measured is left."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from foley_plugin.takes.levels import MAX_GAIN_DB, gain_for, in_steps, levelled, read_samples
from foley_plugin.takes.loudness import Loudness, factor_of, loudness_of, true_peak_dbtp
from foley_plugin.timeline.families import FAMILIES, family_of
from foley_plugin.timeline.records import Placement

RATE = Fraction(25)
ONE_FRAME = 48000 // 25


def placed(tmp_path: Path, wav: np.ndarray, label: str = "footstep_wood", **more: object) -> Placement:
    path = tmp_path / f"{label}.wav"
    soundfile.write(path, wav, 48000, subtype="PCM_24")
    fields: dict[str, object] = {"track_name": family_of(label).track_name}
    frames = len(wav) // ONE_FRAME
    return Placement(str(path), 0, frames - 50, 25, frames, 1, metadata={}, **(fields | more))  # type: ignore[arg-type]


def burst(amplitude: float) -> np.ndarray:
    return amplitude * np.random.default_rng(3).uniform(-1, 1, 4800)


def with_burst(at_s: float, amplitude: float, length_s: float = 4.0) -> np.ndarray:
    wav = np.zeros(round(length_s * 48000))
    start = round(at_s * 48000)
    wav[start : start + 4800] += burst(amplitude)
    return wav


def heard_of(placement: Placement) -> np.ndarray:
    first = placement.head_frames * ONE_FRAME
    samples, _ = read_samples(placement.wav, first, first + placement.duration_frames * ONE_FRAME)
    return samples * np.float32(factor_of(placement.gain_db))


@pytest.mark.parametrize("label", ["footstep_wood", "cloth", "door", "rain"])
@pytest.mark.parametrize("amplitude", [0.05, 0.3])
def test_what_is_heard_comes_to_the_familys_level(tmp_path: Path, label: str, amplitude: float) -> None:
    family = family_of(label)
    (given,) = levelled([placed(tmp_path, with_burst(2.0, amplitude), label)], RATE)
    found = loudness_of(heard_of(given), 48000)
    level = found.integrated_lufs if family.measure == "integrated" else found.momentary_lufs
    assert level == pytest.approx(family.target_lufs, abs=0.11)
    assert given.gain_db == round(given.gain_db, 1)


def test_a_loud_hit_in_a_handle_holds_nothing_down_unless_it_is_handed_on(tmp_path: Path) -> None:
    wav = with_burst(2.0, 0.05) + with_burst(0.2, 0.9)
    placement = placed(tmp_path, wav, "hammer")
    (heard,) = levelled([placement], RATE)
    assert loudness_of(heard_of(heard), 48000).momentary_lufs == pytest.approx(-20.0, abs=0.11)
    (handed_on,) = levelled([placement], RATE, handle_frames=25)
    assert handed_on.gain_db < heard.gain_db
    whole, _ = read_samples(placement.wav)
    assert true_peak_dbtp(whole * np.float32(factor_of(handed_on.gain_db)), 48000) <= -2.0


def test_the_ceiling_goes_before_the_target_and_there_is_an_end_to_gain() -> None:
    impacts = family_of("hammer")
    assert gain_for(impacts, Loudness(-30, -30, -30, -9), -9.0) == 7.0
    assert gain_for(impacts, Loudness(-80, -80, -80, -60), -60.0) == MAX_GAIN_DB
    assert gain_for(impacts, Loudness(-math.inf, -math.inf, -math.inf, -math.inf), -math.inf) == 0.0


def test_steps_go_down() -> None:
    assert [in_steps(gain) for gain in (1.29, -1.21, 0.3, -0.04, 0.0)] == [1.2, -1.3, 0.3, -0.1, 0.0]


def test_what_cannot_be_measured_is_left(tmp_path: Path) -> None:
    gone = Placement("/gone.wav", 0, 10, 0, 10, 1, FAMILIES[0].track_name, {})
    other = placed(tmp_path, with_burst(2.0, 0.1), track_name="Mine")
    assert levelled([gone, other], RATE) == [gone, other]
