"""The demo that ships: what it must be, and that it is what its builder makes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import OutputError
from engine.protocol import fraction
from engine.training import demo_cut
from engine.training.demo_shots import demo_shots
from foley_plugin.services.demo import BUNDLED_DEMO, DemoFailed, LaidOutDemo, film_plan, lay_out_demo
from foley_plugin.timeline.records import CutRecord

MAX_DEMO_BYTES = 3_000_000


def test_the_demo_is_small_and_holds_what_it_should(cut: CutRecord) -> None:
    assert sum(file.stat().st_size for file in BUNDLED_DEMO.iterdir()) <= MAX_DEMO_BYTES
    assert len(cut.clips) >= 5 and all(clip.eligible for clip in cut.clips)
    assert fraction(cut.rate) == Fraction(24000, 1001)
    assert [clip.speed_note for clip in cut.clips].count("50 %") == 1


def test_the_media_starts_at_its_timecode_in_the_file_and_on_the_timeline(
    demo: LaidOutDemo, cut: CutRecord
) -> None:
    for clip in cut.clips:
        assert clip.media is not None
        with av.open(clip.media) as movie:
            assert movie.streams.video[0].metadata["timecode"] == "01:00:00:00"
            assert movie.streams.video[0].average_rate == Fraction(24000, 1001)
        assert clip.media_in is not None and fraction(clip.media_in) == Fraction(3600 * 1001, 1000)


def test_timeline_and_truth_are_what_the_builder_writes() -> None:
    assert json.loads((BUNDLED_DEMO / "cut.otio").read_text()) == demo_cut.timeline(demo_shots())
    assert json.loads((BUNDLED_DEMO / "truth.json").read_text()) == demo_cut.truth(demo_shots())


@pytest.mark.parametrize("index", range(6))
def test_the_footage_is_what_the_shots_say(index: int) -> None:
    """A frame in the middle of the file is the frame that is rendered now, but for the compression."""
    shot = demo_shots()[index]
    number = shot.first_frame + 20
    with av.open(str(BUNDLED_DEMO / f"{shot.name}.mov")) as movie:
        frames = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
    assert len(frames) == demo_cut.NUM_MEDIA_FRAMES
    rendered = demo_cut.render_frames(
        shot.spec, np.array([number]) / float(demo_cut.RATE), demo_cut.WIDTH, demo_cut.HEIGHT
    )[0]
    assert np.abs(rendered.astype(float) - frames[number]).mean() < 6


def test_what_lies_in_the_folder_is_left_as_it_is(tmp_path: Path) -> None:
    lay_out_demo(tmp_path)
    (tmp_path / "cut.otio").write_text("changed by hand")
    (tmp_path / "door.txt").write_text("mine")
    laid_out = lay_out_demo(tmp_path)
    assert laid_out.cut.read_text() == "changed by hand"
    assert (tmp_path / "door.txt").read_text() == "mine"


def test_each_clip_is_wished_for_by_its_label_and_its_hits_are_left_to_the_spotter(demo: LaidOutDemo) -> None:
    wish = demo.wish("V1", 4)
    assert wish.label == "water_drip" and wish.hits is None
    assert wish.reference_hits == demo.truth.clips[3].hits
    assert demo.wish("V7", 1).label is None


def test_a_missing_demo_and_a_folder_in_the_way_are_told(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="install"):
        lay_out_demo(tmp_path / "out", source=tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        lay_out_demo(tmp_path / "file")


def test_the_film_shows_every_clip_once_end_to_end(cut: CutRecord) -> None:
    plan = film_plan(cut, [], Path("x.mp4"), width=64, height=36)
    pictures = plan["pictures"]
    assert isinstance(pictures, list)
    assert sum(picture.duration for picture in pictures) == fraction(cut.duration)
