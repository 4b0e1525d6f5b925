"""Geometry, timecode, lanes and waveforms: pure, no window."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.lanes import ClipKey, Lane, LaneItem, LaneKind, LaneStack, lanes_of_cut
from foley_plugin.qtmodels.picture_time import PictureIndex, picture_of
from foley_plugin.qtmodels.time_scale import MAX_PIXELS_PER_S, MIN_PIXELS_PER_S, TimeScale
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.qtmodels.waveform import waveform_of_peaks
from tests.panel.cuts import RATE, clip, cut_of

NTSC_30 = Fraction(30000, 1001)


@given(st.floats(MIN_PIXELS_PER_S, MAX_PIXELS_PER_S), st.floats(0, 1e5), st.floats(0, 4000))
def test_time_and_x_are_inverse(pixels_per_s: float, left_s: float, x_px: float) -> None:
    scale = TimeScale(pixels_per_s, left_s)
    assert scale.x_of(scale.time_at(x_px)) == pytest.approx(x_px, abs=1e-3 * max(1, pixels_per_s))


@given(st.floats(0.1, 10), st.floats(1, 700))
def test_zoom_keeps_the_time_under_the_mouse(factor: float, x_px: float) -> None:
    scale = TimeScale(50.0, 100.0, 800.0)
    about_s = scale.time_at(x_px)
    zoomed = scale.zoomed(factor, about_s)
    assert zoomed.x_of(about_s) == pytest.approx(x_px) or zoomed.left_s == 0.0


def test_fit_shows_the_whole_cut() -> None:
    scale = TimeScale(width_px=1000).fitted(0.0, 60.0)
    assert scale.left_s == 0.0
    assert 0.95 * 1000 < scale.x_of(60.0) < 1000


def test_a_playhead_that_leaves_the_view_turns_the_page() -> None:
    scale = TimeScale(100.0, 0.0, 800.0)
    assert scale.revealing(4.0) is scale
    assert scale.revealing(9.0).x_of(9.0) == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (0, "00:00:00;00"),
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),
        (17981, "00:09:59;29"),
        (17982, "00:10:00;00"),
        (107892, "01:00:00;00"),
    ],
)
def test_drop_frame_timecode_skips_the_numbers_of_smpte_12m(frame: int, text: str) -> None:
    assert TimecodeRuler(NTSC_30, Fraction(0), True).text_of_frame(frame) == text


def test_timecode_starts_at_the_global_start_time() -> None:
    ruler = TimecodeRuler(Fraction(24000, 1001), Fraction(3600 * 1001, 1000))
    assert ruler.text(0.0) == "01:00:00:00"
    assert ruler.text(ruler.time_of(25)) == "01:00:01:01"


@pytest.mark.parametrize("drop_frame", [False, True])
@pytest.mark.parametrize("gap_s", [0.02, 0.1, 0.5, 3.0, 20.0, 90.0, 9000.0])
def test_ruler_labels_rise_and_keep_their_distance(gap_s: float, drop_frame: bool) -> None:
    ruler = TimecodeRuler(NTSC_30, Fraction(3600), drop_frame)
    ticks = list(ruler.ticks(30.0, 30.0 + 20 * gap_s, gap_s))
    labelled = [tick for tick in ticks if tick.label is not None]
    assert len(labelled) >= 2
    assert labelled[0].time_s <= 30.0 + 2.5 * gap_s + 1.0
    for before, after in pairwise(labelled):
        assert after.time_s - before.time_s > 0.9 * gap_s
    for tick in labelled:
        assert tick.label == ruler.text(tick.time_s + 1e-6)


def test_ruler_labels_are_round_timecodes_in_drop_frame_too() -> None:
    ruler = TimecodeRuler(NTSC_30, Fraction(0), True)
    labels = [tick.label for tick in ruler.ticks(0.0, 200.0, 10.0) if tick.label]
    assert labels[:4] == ["00:00:00;00", "00:00:10;00", "00:00:20;00", "00:00:30;00"]
    assert "00:01:00;02" in labels


def _lane(*spans: tuple[float, float]) -> Lane:
    return Lane(LaneKind.VIDEO, "V1", "V1", [LaneItem(f"{a}", a, b, "clip") for a, b in spans])


def test_lane_finds_what_plays_and_what_touches() -> None:
    lane = _lane((0, 2), (2, 5), (7, 9))
    assert lane.item_at(2.0) == 1
    assert lane.item_at(6.0) is None
    assert list(lane.between(1.0, 2.5)) == [0, 1]
    assert list(lane.between(5.0, 7.0)) == []


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0.001, 2.0)), max_size=60),
    st.floats(0, 50),
    st.floats(0.001, 60),
)
def test_lane_agrees_with_a_plain_search(
    steps: list[tuple[float, float]], from_s: float, length_s: float
) -> None:
    spans, at_s = [], 0.0
    for gap_s, duration_s in steps:
        spans.append((at_s + gap_s, at_s + gap_s + duration_s))
        at_s = spans[-1][1]
    lane = _lane(*spans)
    to_s = from_s + length_s
    naive = [i for i, (a, b) in enumerate(spans) if b > from_s and a < to_s]
    assert list(lane.between(from_s, to_s)) == naive


def test_video_tracks_are_drawn_top_down_and_audio_below() -> None:
    cut = cut_of(clip("a", 1, 0, 48), clip("b", 1, 10, 30, track="V2"))
    lanes = lanes_of_cut(cut)
    assert [lane.track for lane in lanes] == ["V2", "V1", "A1"]
    stack = LaneStack(lanes)
    item = stack.item_at(0.6, stack.lanes[0].top_px + 5)
    assert item is not None and item.clip_keys == (ClipKey("V2", 1),)


def test_picture_of_a_reversed_clip_runs_backwards() -> None:
    record = clip("r", 1, 0, 48, speed=Fraction(-1), source_frame=48)
    first, later = picture_of(record, 0.0), picture_of(record, 1.0)
    assert first is not None and later is not None
    assert first.time_s - later.time_s == pytest.approx(1.0)


def test_the_topmost_clip_is_seen() -> None:
    low, high = clip("low", 1, 0, 48), clip("high", 1, 12, 24, track="V2")
    index = PictureIndex([low, high])
    assert index.clip_at(0.7) is high
    assert index.clip_at(1.5) is low
    assert index.clip_at(99.0) is None


def test_marking_an_in_after_the_out_drops_the_out() -> None:
    scene = TimelineScene(duration_s=10.0)
    scene.mark_out(4.0)
    assert scene.marked_range_s == (0.0, 4.0)
    scene.mark_in(5.0)
    assert scene.marked_range_s == (5.0, 10.0)


def test_a_nest_shows_its_most_telling_clip() -> None:
    scene = TimelineScene()
    scene.statuses = {
        ClipKey("V1", 1): ClipStatus(ClipState.DONE),
        ClipKey("V1", 2): ClipStatus(ClipState.GENERATING, 0.4),
    }
    nest = LaneItem("n", 0.0, 1.0, "nest", (ClipKey("V1", 1), ClipKey("V1", 2)))
    assert scene.status_of(nest).state is ClipState.GENERATING


def test_waveform_shows_a_single_peak_at_every_zoom() -> None:
    peaks = [0.0] * 1000
    peaks[500] = 0.9
    wave = waveform_of_peaks(peaks, 100.0)
    for step_s in (0.005, 0.01, 0.1, 1.0, 10.0):
        count = round(10.0 / step_s)
        seen = wave.peaks(0.0, step_s, count)
        assert seen.max() == pytest.approx(0.9)
        assert abs(seen.argmax() * step_s - 5.0) <= max(step_s, 0.02)
    assert wave.peaks(-5.0, 1.0, 3).tolist() == [0.0, 0.0, 0.0]
    assert waveform_of_peaks([0.5], 100.0).peaks(-1.0, 100.0, 2).tolist() == [0.5, 0.0]


def test_the_playhead_snaps_to_edits_marks_and_hits_of_what_is_selected() -> None:
    cut = cut_of(clip("a", 1, 0, 48), clip("b", 2, 72, 120))
    scene = TimelineScene(LaneStack(lanes_of_cut(cut)), duration_s=10.0)
    scene.clips = {ClipKey(record.track, record.index): record for record in cut.clips}
    scene.hits_s[ClipKey("V1", 1)] = (0.7,)
    edit_s = float(48 / RATE)
    assert scene.snapped_s(edit_s + 0.04, 0.05) == pytest.approx(edit_s)
    assert scene.snapped_s(edit_s + 0.06, 0.05) == pytest.approx(edit_s + 0.06)
    assert scene.snapped_s(0.72, 0.05) == 0.72
    scene.selected_clips = {ClipKey("V1", 1)}
    assert scene.snapped_s(0.72, 0.05) == pytest.approx(0.7)
    scene.in_s = 1.3
    assert scene.snapped_s(1.28, 0.05) == 1.3
    assert (scene.edge_after_s(edit_s), scene.edge_before_s(edit_s)) == (pytest.approx(float(72 / RATE)), 0.0)
