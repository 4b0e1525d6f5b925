"""Takes are heard as they are exported, and only those near the playhead are in memory."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels import take_sounds
from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.listening_level import integrated_lufs
from foley_plugin.qtmodels.mix import MIX_RATE, mixed
from foley_plugin.qtmodels.take_sounds import Spot, TakeSounds, Voice, sound_of
from foley_plugin.services.delivery.sound import placed_sound, rendered
from foley_plugin.takes.levels import levelled
from foley_plugin.takes.loudness import loudness_of
from foley_plugin.timeline.families import FAMILIES
from foley_plugin.timeline.records import Placement

WAIT_MS = 60_000
RATE = Fraction(24)


def write_steps(path: Path, *, level: float = 0.05, num_frames: int = 96) -> Path:
    """Four seconds with a decaying burst of noise each half second."""
    count = round(num_frames / RATE * MIX_RATE)
    noise = np.random.default_rng(1).uniform(-1, 1, count)
    envelope = np.exp(-(np.arange(count) % (MIX_RATE // 2)) / 2000)
    soundfile.write(path, level * noise * envelope, MIX_RATE, subtype="PCM_24")
    return path


def placement_of(wav: Path, track_name: str) -> Placement:
    return Placement(
        wav=str(wav),
        record_frame=48,
        duration_frames=48,
        head_frames=24,
        wav_frames=96,
        num_channels=1,
        track_name=track_name,
        metadata={},
        fade_in_samples=96,
        fade_out_samples=960,
    )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_take_is_heard_as_it_is_delivered(tmp_path: Path, family: object) -> None:
    track_name = getattr(family, "track_name")  # noqa: B009
    placement = placement_of(write_steps(tmp_path / "take.wav"), track_name)
    voice = Voice("F1", track_name, placement.fade_in_samples, placement.fade_out_samples)
    sound = sound_of(Spot("1", placement.wav, 2.0, 4.0, 1.0), voice)
    [placed] = levelled([placement], RATE)
    assert placed.gain_db != 0.0
    assert 20 * math.log10(sound.gain) == pytest.approx(placed.gain_db, abs=0.11)
    delivered = rendered(replace(placed_sound(placed, RATE, family), num_channels=1), MIX_RATE)  # type: ignore[arg-type]
    heard = mixed([replace(sound, gain=10 ** (placed.gain_db / 20))], 2 * MIX_RATE, 2 * MIX_RATE)
    assert np.allclose(heard[:, :1], delivered[: 2 * MIX_RATE], atol=1e-6)


def test_the_quick_measure_is_the_standards() -> None:
    rng = np.random.default_rng(2)
    samples = rng.uniform(-0.3, 0.3, (5 * MIX_RATE, 1)).astype(np.float32)
    samples[2 * MIX_RATE : 3 * MIX_RATE] *= 0.01
    assert integrated_lufs(samples) == pytest.approx(loudness_of(samples, MIX_RATE).integrated_lufs, abs=0.1)
    assert integrated_lufs(np.zeros((MIX_RATE, 1), np.float32)) == -math.inf


def test_takes_are_read_as_they_come_near_and_the_farthest_given_up(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    wav = str(write_steps(tmp_path / "take.wav"))
    monkeypatch.setattr(take_sounds, "MAX_BYTES", 3 * 2 * MIX_RATE * 4)
    spots = [Spot(str(number), wav, 20.0 * number, 20.0 * number + 2, 0.0) for number in range(10)]
    gone = Spot("gone", str(tmp_path / "gone.wav"), 1.0, 2.0, 0.0)
    background = Background()
    takes = TakeSounds(background)
    failures: list[str] = []
    takes.failed.connect(failures.append)
    takes.show(dict.fromkeys([*spots, gone], Voice("F1")))
    qtbot.waitUntil(lambda: len(takes.loaded) == 2 and bool(failures), timeout=WAIT_MS)
    assert {spot.take_id for spot in takes.loaded} == {"0", "1"} and "gone.wav" in failures[0]
    takes.follow(165.0)
    qtbot.waitUntil(lambda: spots[9] in takes.loaded and spots[8] in takes.loaded, timeout=WAIT_MS)
    assert takes.num_bytes <= take_sounds.MAX_BYTES and spots[0] not in takes.loaded
    moved = replace(spots[9], record_in_s=180.5, record_out_s=182.5)
    takes.show({moved: Voice("F1")})
    assert spots[9] not in takes.loaded
    qtbot.waitUntil(lambda: moved in takes.loaded, timeout=WAIT_MS)
    assert takes.loaded[moved].start_samples == round(180.5 * MIX_RATE) and len(failures) == 1
    background.close()
