"""Sound against a simulated device: samples land exactly, the device's time is the clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from engine.errors import MediaUnreadable
from foley_plugin.qtmodels.mix import BYTES_PER_FRAME, MIX_RATE, MixedSound, mixed, read_sound
from foley_plugin.qtmodels.playback import Playback


class SimulatedDevice:
    """Takes what is written; hears it when the test lets time pass."""

    BUFFER_FRAMES = 4800

    def __init__(self) -> None:
        self.written = b""
        self.heard_frames = 0
        self.is_running = False

    def start(self) -> None:
        self.written, self.heard_frames, self.is_running = b"", 0, True

    def stop(self) -> None:
        self.is_running = False

    def free_frames(self) -> int:
        return self.BUFFER_FRAMES - (len(self.written) // BYTES_PER_FRAME - self.heard_frames)

    def write(self, data: bytes) -> None:
        self.written += data

    def heard_s(self) -> float:
        return self.heard_frames / MIX_RATE

    def samples(self) -> np.ndarray:
        return np.frombuffer(self.written, "<i2").reshape(-1, 2)


def impulse(at_samples: int, length: int = 10) -> MixedSound:
    samples = np.zeros((length, 1), np.float32)
    samples[0] = 0.5
    return MixedSound(samples, at_samples)


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


@pytest.fixture
def playback(device: SimulatedDevice, qtbot: QtBot) -> Playback:
    playback = Playback(open_output=lambda: device)
    playback.set_end(10.0)
    return playback


@pytest.mark.parametrize("from_samples", [0, 900, 995, 1000, 1005])
def test_a_sound_lands_on_its_sample_wherever_the_mix_begins(from_samples: int) -> None:
    ramp = MixedSound(np.arange(1, 11, dtype=np.float32)[:, None] / 100, 1000)
    whole = np.frombuffer(mixed([ramp], 0, 2000), "<i2").reshape(-1, 2)
    part = np.frombuffer(mixed([ramp], from_samples, 500), "<i2").reshape(-1, 2)
    assert np.array_equal(part, whole[from_samples : from_samples + 500])
    assert whole[999, 0] == 0 and whole[1009, 0] == round(0.1 * 32767 - 0.5)


def test_sounds_add_up_and_are_clipped() -> None:
    loud = MixedSound(np.full((4, 1), 0.7, np.float32), 0)
    samples = np.frombuffer(mixed([loud, loud], 0, 4), "<i2")
    assert set(samples.tolist()) == {32767}


def test_only_the_placed_part_of_a_wav_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    content = np.arange(3 * MIX_RATE, dtype=np.float32) / (3 * MIX_RATE)
    soundfile.write(path, content, MIX_RATE, subtype="PCM_24")
    sound = read_sound(str(path), 5.0, 6.0, 1.0)
    assert (sound.start_samples, sound.end_samples) == (5 * MIX_RATE, 6 * MIX_RATE)
    assert sound.samples[0, 0] == pytest.approx(1 / 3, abs=1e-6)


def test_a_wav_that_is_not_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(b"no sound")
    with pytest.raises(MediaUnreadable, match="cannot be played"):
        read_sound(str(path), 0.0, 1.0, 0.0)


def test_the_stream_holds_the_sound_at_its_place_from_the_playhead(
    playback: Playback, device: SimulatedDevice, qtbot: QtBot
) -> None:
    playback.set_sounds([impulse(2 * MIX_RATE + 1000)])
    playback.seek(2.0)
    playback.play()
    for _ in range(5):
        device.heard_frames += 2000
        playback._on_tick()
    playback.stop()
    assert np.flatnonzero(device.samples()[:, 0]).tolist() == [1000]


def test_the_device_time_is_the_clock(playback: Playback, device: SimulatedDevice, qtbot: QtBot) -> None:
    playback.seek(1.0)
    playback.play()
    for heard_frames in (0, 480, 4321, 4799):
        device.heard_frames = heard_frames
        playback._on_tick()
        assert playback.position_s == pytest.approx(1.0 + heard_frames / MIX_RATE)
    playback.stop()
    assert not device.is_running


def test_it_stops_at_the_end_and_starts_over(
    playback: Playback, device: SimulatedDevice, qtbot: QtBot
) -> None:
    playback.set_end(0.05)
    playback.play()
    device.heard_frames = 4000
    playback._on_tick()
    assert not playback.is_playing and playback.position_s == 0.05
    playback.play()
    assert playback.position_s == 0.0
    playback.stop()


def test_without_a_device_time_passes_all_the_same(qtbot: QtBot) -> None:
    from foley_plugin.qtmodels.sound_output import NoDevice

    playback = Playback(open_output=NoDevice)
    playback.set_end(0.1)
    playback.play()
    qtbot.waitUntil(lambda: not playback.is_playing, timeout=20_000)
    assert playback.position_s == pytest.approx(0.1)


def test_a_device_that_stands_still_is_left_and_tried_again_next_time(
    playback: Playback, device: SimulatedDevice, qtbot: QtBot
) -> None:
    playback.seek(1.0)
    with qtbot.waitSignal(playback.sound_stalled, timeout=20_000):
        playback.play()
    assert not device.is_running
    qtbot.waitUntil(lambda: playback.position_s > 1.05, timeout=20_000)
    playback.stop()
    playback.play()
    assert device.is_running
    playback.stop()


def test_l_speeds_up_j_turns_round_and_k_stops(playback: Playback, qtbot: QtBot) -> None:
    playback.seek(5.0)
    speeds = []
    for direction in (1, 1, 1, -1, -1):
        playback.shuttle(direction)
        speeds.append(playback.speed)
    assert speeds == [1.0, 2.0, 4.0, -1.0, -2.0]
    playback.stop()
    assert playback.speed == 0.0
