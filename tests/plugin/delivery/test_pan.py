"""A stereo delivery: takes lie where their motion was, at one power, and fold to mono without loss."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from foley_plugin.services.delivery.sound import placed_sound, rendered
from foley_plugin.timeline.families import FAMILIES
from foley_plugin.timeline.records import Placement

RATE, SAMPLE_RATE = Fraction(25), 48000


def placement(folder: Path, pan: list[float]) -> Placement:
    wav = folder / "take.wav"
    soundfile.write(wav, np.full(4 * SAMPLE_RATE, 0.25), SAMPLE_RATE, subtype="PCM_24")
    return Placement(str(wav), 0, 50, 25, 100, 1, "FOLEY – Impacts", {"pan": pan})


def sides(folder: Path, pan: list[float], width: float | None) -> np.ndarray:
    sound = placed_sound(placement(folder, pan), RATE, FAMILIES[0], width=width)
    return np.asarray(rendered(sound, SAMPLE_RATE))


def test_a_take_goes_from_left_to_right_with_its_motion_at_one_power(tmp_path: Path) -> None:
    # Heard from 1 s to 3 s of the WAV; the motion crosses the frame in the WAV's four seconds.
    heard = sides(tmp_path, list(np.linspace(-1, 1, 40)), 1.0)
    left, right = heard[:, 0], heard[:, 1]
    assert left[100] > 2 * right[100] and right[-100] > 2 * left[-100]
    assert left[SAMPLE_RATE] == pytest.approx(right[SAMPLE_RATE], rel=0.05)
    assert np.allclose(left**2 + right**2, 0.25**2, rtol=1e-3)
    assert np.all(left + right >= 0.25 * 0.99), "in mono nothing is lost"


@pytest.mark.parametrize("width", [0.0, 0.5, 1.0])
def test_the_width_is_how_far_it_goes(tmp_path: Path, width: float) -> None:
    left, right = sides(tmp_path, [1.0] * 40, width)[SAMPLE_RATE]
    assert np.arctan2(right, left) == pytest.approx((1 + width) * np.pi / 4, abs=1e-3)


def test_without_a_width_a_point_stays_mono_and_without_motion_it_is_in_the_middle(tmp_path: Path) -> None:
    assert sides(tmp_path, [1.0] * 40, None).shape[1] == 1
    middle = sides(tmp_path, [], 1.0)
    assert np.array_equal(middle[:, 0], middle[:, 1])
