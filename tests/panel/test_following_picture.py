"""Pictures follow the device: the frame that is shown is the one that is due, at most one late."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.mix import MIX_RATE
from foley_plugin.qtmodels.picture_time import SeenPicture
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.route import Due, Route, Stretch
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.viewer_feed import DuePicture, ViewerFeed
from foley_plugin.services.media_client import Rgb
from tests.panel.simulated_device import SimulatedDevice

RULER = TimecodeRuler(Fraction(24000, 1001))
AHEAD_FRAMES = 24


class SlowMedia:
    """Stands in for the media process on simulated time: `time_of_answer` says when the nth comes.

    A picture's width is the number of its frame, plus one.
    """

    def __init__(
        self,
        device: SimulatedDevice,
        takes_s: Callable[[int], float],
        *,
        one_by_one: bool,
        goes_through: bool = False,
    ) -> None:
        """`goes_through`: as a decoder does, all frames up to the one that is asked for."""
        self._device, self._takes_s, self._one_by_one = device, takes_s, one_by_one
        self._goes_through = goes_through
        self._decoded = 0
        self._free_s = 0.0
        self._waiting: list[tuple[float, int, Callable[[Rgb], None]]] = []
        self.num_asked = 0

    def ask(self, request: Callable[[SlowMedia], None]) -> bool:
        request(self)
        return True

    def viewer_frame(
        self,
        media: str,
        time_s: float,
        height: int,
        on_done: Callable[[Rgb], None],
        on_failed: Callable[[str], None],
    ) -> None:
        begins_s = max(self._device.time, self._free_s) if self._one_by_one else self._device.time
        frame = RULER.frame_at(time_s)
        distance = max(1, frame - self._decoded) if self._goes_through else 1
        self._decoded = frame
        self._free_s = begins_s + distance * self._takes_s(self.num_asked)
        self.num_asked += 1
        self._waiting.append((self._free_s, frame, on_done))

    def deliver(self) -> None:
        """What has been decoded by now."""
        ready = [each for each in self._waiting if each[0] <= self._device.time]
        self._waiting = [each for each in self._waiting if each[0] > self._device.time]
        for _, frame, on_done in sorted(ready, key=lambda each: each[0]):
            on_done(Rgb(frame + 1, 1, bytes(3 * (frame + 1))))


class Screen:
    """Playback, feed and media on one simulated device; knows what is seen and what should be."""

    def __init__(self, device: SimulatedDevice, media: SlowMedia) -> None:
        self.device, self.media = device, media
        self.playback = Playback(open_output=device.open_output, wall_clock=lambda: device.time)
        self.playback.set_end(100.0)
        self.feed = ViewerFeed(media, clock=lambda: device.time)  # type: ignore[arg-type]
        self.shown: list[int] = []
        self.feed.arrived.connect(self._on_arrived)
        self.feed.came.connect(self._show)
        self.playback.position_changed.connect(self._show)

    def _on_arrived(self, image: QImage) -> None:
        self.shown.append(image.width() - 1)

    def _show(self) -> None:
        step = max(1, round(abs(self.playback.speed)))
        period_s = RULER.frame_s * step / (abs(self.playback.speed) or 1)
        due = self.playback.due_frames(AHEAD_FRAMES * period_s, RULER.frame_at, step)
        coming = [
            DuePicture(each, SeenPicture("/film.mov", RULER.time_of(each.frame) + 0.01), number * period_s)
            for number, each in enumerate(due)
        ]
        self.feed.play(coming, 90)

    def step(self, by_s: float = 0.005) -> None:
        self.device.advance(by_s)
        self.media.deliver()
        self.playback.tick()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times_s=st.lists(st.floats(0.0, 0.04), min_size=1, max_size=30),
    delay_s=st.sampled_from([0.0, 0.05, 0.1]),
    drift=st.sampled_from([0.0, 0.001, -0.001]),
    start=st.integers(0, 500),
)
def test_the_shown_frame_is_the_one_that_is_due(
    times_s: list[float], delay_s: float, drift: float, start: int, qtbot: QtBot
) -> None:
    """Answers take up to 40 ms each, one after the other, or up to 140 ms on their way side by side."""
    device = SimulatedDevice(drift=drift, jitter_s=0.001)
    media = SlowMedia(
        device,
        lambda number: delay_s + times_s[number % len(times_s)],
        one_by_one=not delay_s,
    )
    screen = Screen(device, media)
    screen.playback.seek(RULER.time_of(start))
    screen.playback.play()
    for number in range(400):
        screen.step()
        if number * 0.005 < 0.05 + 2 * (delay_s + 0.04):
            continue  # the first answers are on their way
        due = RULER.frame_at(RULER.time_of(start) + device.heard_frames / MIX_RATE - 0.002)
        assert due - 1 <= screen.shown[-1] <= due + 1
    assert screen.shown == sorted(set(screen.shown)), "no frame is shown again, or after a later one"
    assert screen.feed.num_late <= screen.feed.num_shown
    screen.playback.stop()


def test_with_quick_answers_every_frame_is_shown_on_time(qtbot: QtBot) -> None:
    device = SimulatedDevice()
    screen = Screen(device, SlowMedia(device, lambda number: 0.02, one_by_one=True))
    screen.playback.seek(RULER.time_of(100))
    screen.playback.play()
    for _ in range(400):
        screen.step()
    assert screen.shown == list(range(100, 100 + len(screen.shown))) and len(screen.shown) > 40
    assert (screen.feed.num_dropped, screen.feed.num_late) == (0, 0)
    screen.playback.stop()


@pytest.mark.parametrize("takes_s", [0.11, 0.35])
def test_answers_slower_than_frames_leave_frames_out_and_what_is_shown_is_on_time(
    takes_s: float, qtbot: QtBot
) -> None:
    device = SimulatedDevice()
    screen = Screen(device, SlowMedia(device, lambda number: takes_s, one_by_one=True))
    screen.playback.play()
    late_by: list[int] = []
    for number in range(800):
        seen = len(screen.shown)
        screen.step()
        due = RULER.frame_at(device.heard_frames / MIX_RATE)
        if number > 300:
            late_by += [due - frame for frame in screen.shown[seen:]]
    assert len(late_by) >= 0.7 / takes_s and max(late_by) <= 1
    assert screen.shown == sorted(set(screen.shown))
    assert screen.feed.num_dropped > 30
    screen.playback.stop()


def test_after_a_moment_without_a_processor_every_frame_is_shown_again(qtbot: QtBot) -> None:
    device = SimulatedDevice()
    media = SlowMedia(
        device, lambda number: 1.2 if number == 30 else 0.025, one_by_one=True, goes_through=True
    )
    screen = Screen(device, media)
    screen.playback.play()
    for _ in range(1000):
        screen.step()
    assert screen.feed.num_dropped > 20
    last = screen.shown[-1]
    assert screen.shown[-20:] == list(range(last - 19, last + 1))
    assert last >= RULER.frame_at(device.heard_frames / MIX_RATE) - 1
    screen.playback.stop()


@pytest.mark.parametrize("speed", [2.0, -1.0, 0.25])
def test_at_other_speeds_pictures_follow_too(speed: float, qtbot: QtBot) -> None:
    device = SimulatedDevice()
    screen = Screen(device, SlowMedia(device, lambda number: 0.01, one_by_one=True))
    screen.playback.seek(RULER.time_of(300))
    screen.playback.play_at(speed)
    for number in range(200):
        screen.step()
        due = RULER.frame_at(screen.playback.position_s)
        if number > 20:
            assert abs(due - screen.shown[-1]) <= max(1, speed)
    assert len(screen.shown) >= 4
    screen.playback.stop()


def test_in_a_loop_the_first_frame_follows_the_last(qtbot: QtBot) -> None:
    device = SimulatedDevice()
    screen = Screen(device, SlowMedia(device, lambda number: 0.015, one_by_one=True))
    screen.playback.set_loop((RULER.time_of(50), RULER.time_of(62)))
    screen.playback.seek(RULER.time_of(50))
    screen.playback.play()
    for _ in range(300):
        screen.step()
    assert screen.shown[:30] == [*range(50, 62), *range(50, 62), *range(50, 56)]
    screen.playback.stop()


def test_after_a_seek_only_frames_from_there_are_shown(qtbot: QtBot) -> None:
    device = SimulatedDevice()
    screen = Screen(device, SlowMedia(device, lambda number: 0.02, one_by_one=True))
    screen.playback.play()
    for _ in range(100):
        screen.step()
    screen.playback.seek(RULER.time_of(200))
    before = len(screen.shown)
    for _ in range(100):
        screen.step()
    assert screen.shown[before:] == list(range(200, 200 + len(screen.shown) - before))
    screen.playback.stop()


def test_a_route_tells_frames_and_legs() -> None:
    route = Route(1000, 0.0, 1.0, Stretch(0.0, 20.0, is_loop=True))
    assert [route.position_samples(at) for at in (0, 1000, 1019, 1020, 1065)] == [0, 0, 19, 0, 5]
    assert route.end_frame is None
    due = route.due(1000, 1040, lambda samples: int(samples // 5))
    assert list(due) == [Due(leg, frame) for leg in (0, 1) for frame in range(4)]
    once = Route(10, 5.0, -2.0, Stretch(0.0, 20.0))
    assert (once.end_frame, once.position_samples(12), once.position_samples(99)) == (13, 1.0, -1.0)
