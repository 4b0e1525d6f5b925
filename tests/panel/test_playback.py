"""Sound against a simulated device: samples land exactly, the device's time is the clock."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.errors import MediaUnreadable
from foley_plugin.qtmodels.mix import MIX_RATE, MixedSound, mixed, mixed_at_speed, read_sound
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.sound_output import MARGIN_FRAMES, NoDevice, NoSound
from foley_plugin.services.delivery.sound import PlacedSound, _fades
from tests.panel.simulated_device import SimulatedDevice

TICK_S = 0.01


def impulse(at_samples: int, level: float = 0.5, length: int = 10) -> MixedSound:
    samples = np.zeros((length, 1), np.float32)
    samples[0] = level
    return MixedSound(samples, at_samples)


def playback_on(device: SimulatedDevice, end_s: float = 10.0) -> Playback:
    playback = Playback(open_output=device.open_output, wall_clock=lambda: device.time)
    playback.set_end(end_s)
    return playback


def run(playback: Playback, device: SimulatedDevice, for_s: float, *, busy_s: float = TICK_S) -> None:
    """Let the device run; the window comes round every `busy_s`."""
    until_s = device.time + for_s
    while device.time < until_s - 1e-9:
        device.advance(min(busy_s, until_s - device.time))
        playback.tick()


def clicks(device: SimulatedDevice) -> list[tuple[int, float]]:
    taken = device.taken[:, 0]
    return [(int(at), round(float(taken[at]), 4)) for at in np.flatnonzero(taken)]


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


@pytest.fixture
def playback(device: SimulatedDevice, qtbot: QtBot) -> Playback:
    return playback_on(device)


# The mix


@pytest.mark.parametrize("from_samples", [0, 900, 995, 1000, 1005])
def test_a_sound_lands_on_its_sample_wherever_the_mix_begins(from_samples: int) -> None:
    ramp = MixedSound(np.arange(1, 11, dtype=np.float32)[:, None] / 100, 1000)
    whole = mixed([ramp], 0, 2000)
    assert np.array_equal(mixed([ramp], from_samples, 500), whole[from_samples : from_samples + 500])
    assert whole[999, 0] == 0 and whole[1009, 1] == np.float32(0.1)


def test_fades_are_those_of_a_delivery_wherever_the_mix_begins() -> None:
    sound = MixedSound(np.ones((100, 1), np.float32), 50, 0.5, fade_in_samples=10, fade_out_samples=20)
    whole = mixed([sound], 0, 200)[:, 0]
    delivered = _fades(
        PlacedSound(
            "", Fraction(0), Fraction(0), Fraction(0), 0.0, Fraction(10, 48000), Fraction(20, 48000), 1
        ),
        100,
        48000,
    )
    assert np.allclose(whole[50:150], 0.5 * delivered, atol=1e-7)
    assert np.array_equal(mixed([sound], 57, 80)[:, 0], whole[57:137])


@pytest.mark.parametrize("speed", [-8.0, -2.0, -1.0, -0.25, 0.25, 0.5, 2.0, 4.0])
def test_at_any_speed_the_mix_is_the_same_in_one_go_and_in_pieces(speed: float) -> None:
    noise = MixedSound(np.random.default_rng(1).uniform(-1, 1, (9000, 2)).astype(np.float32), 3000)
    whole = mixed_at_speed([noise], 8000, 1000, speed)
    pieces = [
        mixed_at_speed([noise], 8000, count, speed, at) for at, count in ((0, 333), (333, 1), (334, 666))
    ]
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-6)
    assert whole.any()


def test_backwards_is_the_mirror_of_forwards() -> None:
    noise = MixedSound(np.random.default_rng(1).uniform(-1, 1, (9000, 2)).astype(np.float32), 0)
    assert np.array_equal(mixed_at_speed([noise], 5000, 100, -1.0), mixed([noise], 4900, 100)[::-1])


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


# What the device is given


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_click_comes_out_at_its_own_frame(data: st.DataObject, qtbot: QtBot) -> None:
    """Whatever the device's blocks, latency, drift and jitter, and however busy the window is."""
    device = SimulatedDevice(
        block_frames=data.draw(st.sampled_from([64, 441, 512, 2048])),
        latency_s=data.draw(st.floats(0.005, 0.15)),
        drift=data.draw(st.sampled_from([0.0, 0.01, -0.01])),
        jitter_s=data.draw(st.sampled_from([0.0, 0.004])),
    )
    playback = playback_on(device)
    start = data.draw(st.integers(0, 3 * MIX_RATE))
    places = data.draw(
        st.lists(st.integers(start, start + MIX_RATE - 1), min_size=1, max_size=5, unique=True)
    )
    levels = [0.1 * (1 + number) for number in range(len(places))]
    playback.set_sounds([impulse(at, level) for at, level in zip(places, levels, strict=True)])
    playback.seek(start / MIX_RATE)
    playback.play()
    run(playback, device, 1.3, busy_s=data.draw(st.sampled_from([0.01, 0.05, 0.3])))
    playback.stop()
    expected = sorted((at - start, round(level, 4)) for at, level in zip(places, levels, strict=True))
    assert clicks(device) == expected


@pytest.mark.parametrize("loop", [(48000, 60000), (50001, 57113), (48000, 48100)])
def test_a_loop_wraps_on_the_sample(
    playback: Playback, device: SimulatedDevice, loop: tuple[int, int]
) -> None:
    first, end = loop
    playback.set_sounds([impulse(first, 0.2), impulse(end - 1, 0.3), impulse(end, 0.9)])
    playback.set_loop((first / MIX_RATE, end / MIX_RATE))
    playback.seek(3.0)
    playback.play()  # outside of the loop: it goes to its start
    run(playback, device, 0.8031)
    length = end - first
    heard = clicks(device)
    assert heard[:4] == [(0, 0.2), (length - 1, 0.3), (length, 0.2), (2 * length - 1, 0.3)]
    assert 0.9 not in [level for _, level in heard]
    position = first + (device.heard_frames % length)
    assert playback.position_s * MIX_RATE == pytest.approx(position, abs=1)
    playback.stop()


def test_a_seek_while_playing_is_heard_at_once_and_exactly(
    playback: Playback, device: SimulatedDevice
) -> None:
    playback.set_sounds([impulse(5 * MIX_RATE + 777, 0.4), impulse(MIX_RATE, 0.9)])
    playback.play()
    run(playback, device, 0.5)
    assert playback.position_s > 0.4
    playback.seek(5.0)
    assert playback.position_s == 5.0
    taken = len(device.taken)
    run(playback, device, 0.5)
    [(at, level)] = clicks(device)
    begins = at - 777
    assert level == 0.4 and taken <= begins <= taken + 2 * MARGIN_FRAMES
    assert playback.position_s * MIX_RATE == pytest.approx(5 * MIX_RATE + device.heard_frames - begins, abs=1)
    playback.stop()


def test_another_gain_is_heard_at_once_though_far_ahead_was_mixed(
    playback: Playback, device: SimulatedDevice
) -> None:
    tone = np.full((5 * MIX_RATE, 1), 0.5, np.float32)
    playback.set_sounds([MixedSound(tone, 0)])
    playback.play()
    run(playback, device, 0.3)
    taken = len(device.taken)
    playback.set_sounds([MixedSound(tone, 0, gain=0.5)])
    run(playback, device, 0.3)
    heard = device.taken[:, 0]
    changed = int(np.flatnonzero(heard == 0.25)[0])
    assert taken <= changed <= taken + 2 * MARGIN_FRAMES
    assert (heard[:changed] == 0.5).all() and (heard[changed:] == 0.25).all()
    playback.stop()


def test_a_window_that_is_busy_too_long_leaves_a_hole_and_shifts_nothing(
    playback: Playback, device: SimulatedDevice
) -> None:
    ramp = np.arange(3 * MIX_RATE, dtype=np.float32)[:, None] / (3 * MIX_RATE)
    playback.set_sounds([MixedSound(ramp, 0)])
    playback.play()
    run(playback, device, 0.2)
    device.advance(0.9)
    run(playback, device, 0.5)
    heard = device.taken[:, 0]
    there = heard != 0
    assert np.array_equal(heard[there], ramp[: len(heard), 0][there])
    assert 0.2 < (~there).sum() / MIX_RATE < 0.6
    assert playback.position_s == pytest.approx(device.heard_frames / MIX_RATE, abs=1e-4)
    playback.stop()


def test_sounds_add_up_and_what_is_too_loud_is_clipped_and_told(
    playback: Playback, device: SimulatedDevice
) -> None:
    loud = MixedSound(np.full((2000, 1), 0.7, np.float32), 0)
    playback.set_sounds([loud, loud])
    playback.play()
    run(playback, device, 0.2)
    assert device.taken.max() == 1.0
    levels = playback.heard_levels()
    assert levels[0].peak == pytest.approx((1.4, 1.4)) and levels[-1].peak == (0.0, 0.0)
    assert levels[-1].end_frame <= device.heard_frames
    playback.stop()


# The clock


@pytest.mark.parametrize(
    ("latency_s", "drift", "jitter_s"), [(0.05, 0, 0), (0.2, 0.002, 0), (0.05, 0, 0.005)]
)
def test_the_device_time_is_the_clock(latency_s: float, drift: float, jitter_s: float, qtbot: QtBot) -> None:
    device = SimulatedDevice(latency_s=latency_s, drift=drift, jitter_s=jitter_s)
    playback = playback_on(device)
    playback.seek(1.0)
    playback.play()
    positions = []
    for _ in range(150):
        device.advance(0.0097)
        playback.tick()
        positions.append(playback.position_s)
        assert playback.position_s == pytest.approx(
            1 + device.heard_frames / MIX_RATE, abs=2 * jitter_s + 5e-4
        )
    assert positions == sorted(positions) and positions[0] == 1.0
    playback.stop()
    assert not device.is_running


def test_it_stops_at_the_end_and_starts_over(playback: Playback, device: SimulatedDevice) -> None:
    playback.set_end(0.05)
    playback.play()
    run(playback, device, 0.3)
    assert not playback.is_playing and playback.position_s == 0.05
    playback.play()
    assert playback.position_s == 0.0
    playback.stop()


def test_without_a_device_time_passes_all_the_same(qtbot: QtBot) -> None:
    playback = Playback(open_output=lambda: NoDevice(NoSound.NO_LIBRARY))
    playback.set_end(0.1)
    told: list[object] = []
    playback.sound_missing.connect(told.append)
    for _ in range(2):
        playback.play()
        qtbot.waitUntil(lambda: not playback.is_playing, timeout=20_000)
        assert playback.position_s == pytest.approx(0.1)
    assert told == [NoSound.NO_LIBRARY]


def test_a_device_that_is_connected_later_is_found_while_it_plays(qtbot: QtBot) -> None:
    device = SimulatedDevice()
    openings = iter([lambda: NoDevice(NoSound.NO_DEVICE), device.open_output])
    playback = Playback(open_output=lambda: next(openings)())
    playback.set_end(100.0)
    playback.seek(1.0)
    playback.play()
    qtbot.waitUntil(lambda: device.is_running, timeout=20_000)
    assert playback.is_playing and 1.0 <= playback.position_s < 20.0
    playback.close()
    assert not device.is_running


@pytest.mark.parametrize("refuses", [False, True])
def test_a_device_that_is_gone_is_left_and_tried_again_next_time(refuses: bool, qtbot: QtBot) -> None:
    device = SimulatedDevice(is_dead=not refuses, refuses=refuses)
    playback = playback_on(device)
    stalls: list[bool] = []
    playback.sound_stalled.connect(lambda: stalls.append(True))
    playback.seek(1.0)
    playback.play()
    run(playback, device, 2.0)
    assert stalls == [True] and not device.is_running
    assert playback.is_playing and 1.4 < playback.position_s <= 3.0
    playback.stop()
    device.is_dead = device.refuses = False
    playback.play()
    assert device.is_running and device.num_opened == 2
    playback.stop()


def test_l_speeds_up_j_turns_round_and_k_stops(playback: Playback, device: SimulatedDevice) -> None:
    playback.seek(5.0)
    speeds = []
    for direction in (1, 1, 1, -1, -1):
        playback.shuttle(direction)
        speeds.append(playback.speed)
    assert speeds == [1.0, 2.0, 4.0, -1.0, -2.0]
    before_s, heard = playback.position_s, device.heard_frames
    run(playback, device, 1.0)
    moved = (device.heard_frames - heard) / MIX_RATE
    assert playback.position_s == pytest.approx(before_s - 2 * moved, abs=0.1)
    playback.stop()
    assert playback.speed == 0.0
