"""The same shot cut in twice: each instance keeps its own hits and takes, another day and as exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import opentimelineio as otio
import pytest
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.lanes import ClipKey, LaneItem
from foley_plugin.ui.main_window import MainWindow
from tests.panel.footage import _range, write_film
from tests.panel.test_hit_window import WAIT_MS, OpenPanel, wait_until_idle
from tests.plugin.ways import FoleyHere

FIRST, THIRD = ClipKey("V1", 1), ClipKey("V1", 3)


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    """A cut of a shot, another one, and the first again."""
    shot, between = write_film(tmp_path / "a.mp4"), write_film(tmp_path / "b.mp4", grey=10)
    track = otio.schema.Track("Picture", kind="Video")
    for film in (shot, between, shot):
        reference = otio.schema.ExternalReference(str(film), _range(0, 72))
        track.append(otio.schema.Clip(film.stem, reference, _range(12, 48)))
    timeline = otio.schema.Timeline("Twins", global_start_time=otio.opentime.RationalTime(86400, 24))
    timeline.tracks.append(track)
    path = tmp_path / "twins.otio"
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8")
    return path


class Day:
    """One sitting at the panel."""

    def __init__(self, open_panel: OpenPanel, cut: Path, qtbot: QtBot) -> None:
        self.window: MainWindow = open_panel(cut, labels=["hammer", "cloth"])
        self.qtbot = qtbot
        qtbot.waitUntil(lambda: bool(self.window.surroundings.engine.labels), timeout=WAIT_MS)

    def select(self, *keys: ClipKey) -> None:
        lanes = (placed.lane for placed in self.window.session.scene.stack.lanes)
        items: list[LaneItem] = [item for lane in lanes for item in lane.items if len(item.clip_keys) == 1]
        self.window.view.select([item for item in items if item.clip_keys[0] in keys])

    def press(self, action: str) -> None:
        self.window.actions_[action].trigger()
        wait_until_idle(self.window, self.qtbot)

    def make(self, *keys: ClipKey) -> None:
        self.select(*keys)
        self.press("generate")

    def under(self) -> list[tuple[int, str, int]]:
        """What lies on the timeline: under which clip, and which take."""
        desk = self.window.session.desk
        assert desk is not None
        placed = desk.shelf.placed()
        return [(take.slot.clip.index, take.take.label, take.take.seed) for take in placed]

    def hits(self) -> dict[int, list[float]]:
        sheet = self.window.session.hit_book.sheet
        return {key.index: [hit.time_s for hit in sheet.of(key).hits] for key in (FIRST, THIRD)}

    def curves(self) -> list[float]:
        sheet = self.window.session.hit_book.sheet
        return [max(sheet.of(key).by_hand.curve or [0.0]) for key in (FIRST, THIRD)]


@pytest.fixture
def foley(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> FoleyHere:
    return FoleyHere(tmp_path, monkeypatch, capsys)


def exported(foley: FoleyHere, cut: Path) -> list[tuple[int, str]]:
    """Where the command line lays which take: frames of the timeline, and the WAV's name."""
    target = cut.with_name(f"exported_{len(list(cut.parent.glob('exported_*')))}.otio")
    done = foley("export", cut, "--to", target)
    assert done.returncode == 0, done.stderr
    timeline = otio.adapters.read_from_file(str(target))
    return sorted(
        (int(clip.range_in_parent().start_time.value), Path(clip.media_reference.target_url).name)
        for track in timeline.audio_tracks()
        for clip in track.find_clips()
    )


def planned(day: Day) -> list[tuple[int, str]]:
    desk = day.window.session.desk
    assert desk is not None
    return [(take.planned.record_frame, Path(take.planned.wav).name) for take in desk.shelf.placed()]


SitDown = Callable[[], Day]


@pytest.fixture
def sit_down(open_panel: OpenPanel, twins: Path, qtbot: QtBot) -> SitDown:
    """Opens the cut, on another day than before."""
    days: list[Day] = []

    def sit_down() -> Day:
        for day in days[-1:]:
            day.window.close()
        days.append(Day(open_panel, twins, qtbot))
        return days[-1]

    return sit_down


def test_hits_and_curves_of_either_are_there_another_day(sit_down: SitDown) -> None:
    day = sit_down()
    day.select(FIRST, THIRD)
    day.press("spot")
    found = day.hits()
    assert found[1] == found[3] != []
    commands, book = day.window.hit_control.commands, day.window.session.hit_book
    commands.add(FIRST, 0.25, 0.9)
    commands.add(FIRST, 0.375, 0.9)
    assert sit_down().hits() == {1: sorted([*found[1], 0.25, 0.375]), 3: found[3]}, "one alone was changed"
    day = sit_down()
    commands, book = day.window.hit_control.commands, day.window.session.hit_book
    commands.add(THIRD, 1.75, 0.9)
    for key, height in ((FIRST, 0.25), (THIRD, 0.75)):
        points = (height,) * book.num_curve_points(key)
        book.commit("curve", {key: replace(book.sheet.of(key).by_hand, curve=points)})
    set_by_hand = {1: sorted([*found[1], 0.25, 0.375]), 3: sorted([*found[3], 1.75])}
    assert day.hits() == set_by_hand and day.curves() == [0.25, 0.75]
    day = sit_down()
    assert day.hits() == set_by_hand and day.curves() == [0.25, 0.75]


def test_takes_of_either_are_there_another_day_and_exported(
    sit_down: SitDown, foley: FoleyHere, twins: Path
) -> None:
    day = sit_down()
    sound = day.window.sound_control
    sound.choose([FIRST], ("hammer",))
    sound.choose([THIRD], ("cloth",))
    day.make(FIRST, THIRD)
    shown = day.under()
    assert [(clip, label) for clip, label, _ in shown] == [(1, "hammer"), (3, "cloth")]
    day = sit_down()
    assert day.under() == shown and planned(day) == exported(foley, twins)
    sound = day.window.sound_control
    sound.choose([FIRST], ("cloth",))
    day.make(FIRST)
    shown = day.under()
    assert [(clip, label) for clip, label, _ in shown] == [(1, "cloth"), (3, "cloth")]
    assert len({seed for *_, seed in shown}) == 2, "the shot does not sound the same twice"
    day.press("undo")
    assert day.under()[0][1] == "hammer"
    day.press("redo")
    assert day.under() == shown
    day = sit_down()
    assert day.under() == shown and planned(day) == exported(foley, twins)


def test_one_that_was_never_picked_gets_no_foley(sit_down: SitDown, foley: FoleyHere, twins: Path) -> None:
    day = sit_down()
    day.make(FIRST)
    ((clip, *_),) = shown = day.under()
    assert clip == 1
    day = sit_down()
    assert day.under() == shown and planned(day) == exported(foley, twins)
    assert day.window.session.desk is not None and not day.window.session.desk.shelf.takes_of(THIRD)
    day.make(THIRD)
    assert [clip for clip, *_ in day.under()] == [1, 3]
    day.window.view.select([_take_under(day, 3)])
    day.press("take_off")
    assert day.under() == shown
    day.window.close()
    assert sit_down().under() == shown


def test_the_take_chosen_for_one_is_not_the_other_s_choice(
    sit_down: SitDown, foley: FoleyHere, twins: Path
) -> None:
    day = sit_down()
    sound = day.window.sound_control
    sound.choose([FIRST, THIRD], ("hammer",))
    sound.memory.change([FIRST, THIRD], takes=2)
    day.make(FIRST, THIRD)
    first, third = day.under()
    day.select(THIRD)
    day.press("take_2")
    chosen = day.under()
    assert chosen[0] == first and chosen[1] != third
    day = sit_down()
    assert day.under() == chosen and planned(day) == exported(foley, twins)


def _take_under(day: Day, index: int) -> LaneItem:
    lanes = (placed.lane for placed in day.window.session.scene.stack.lanes)
    desk = day.window.session.desk
    assert desk is not None
    (take_id,) = (take.take_id for take in desk.shelf.placed() if take.slot.clip.index == index)
    return next(item for lane in lanes for item in lane.items if item.take_id == take_id)
