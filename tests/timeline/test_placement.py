"""Plans: whole frames outside, exact seconds inside, and a cue that stays itself from export to export."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import Hit, Span, fraction, rational
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.placement import SAMPLE_RATE, cue_key, plan_cue, ring_frames
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.timeline.selection import Selected

from .test_selection import cut, seen
from .test_times import FILM, NTSC, RATES


def whole(clip: ClipRecord) -> Selected:
    return Selected(clip, fraction(clip.record_in), fraction(clip.record_out))


def clip_at(record_in: Fraction, record_out: Fraction, speed: Fraction = Fraction(1)) -> ClipRecord:
    span = Span(rational(record_out - record_in), (5, 1), rational(speed))
    edges = {"record_in": rational(record_in), "record_out": rational(record_out)}
    return msgspec.structs.replace(seen("V1", 1, 0, 1), spans=[span], **edges)


frame_edges = st.fractions(min_value=0, max_value=2000, max_denominator=7)


@given(
    st.sampled_from(RATES),
    frame_edges,
    st.fractions(min_value=Fraction(1, 3), max_value=500, max_denominator=7),
    st.fractions(min_value=0, max_value=3, max_denominator=5),
)
def test_plans_hold_the_clip_and_its_handles(
    rate: Fraction, start: Fraction, length: Fraction, handle_s: Fraction
) -> None:
    record_in, record_out = start / rate, (start + length) / rate
    plan = plan_cue(cut(rate=rate), whole(clip_at(record_in, record_out)), handle_s=handle_s)
    wav_start = (plan.record_frame - plan.head_frames) / rate
    wav_end = wav_start + plan.wav_frames / rate
    assert wav_start + fraction(plan.head) == record_in
    assert fraction(plan.duration) == record_out - record_in
    assert handle_s <= fraction(plan.head) < handle_s + 1 / rate
    assert handle_s <= wav_end - record_out < handle_s + 1 / rate
    assert plan.record_frame <= start < plan.record_frame + 1
    assert plan.record_frame + plan.duration_frames >= start + length
    assert min(plan.head_frames, plan.tail_frames) >= 0
    assert plan.picture.duration == plan.wav_frames / rate
    assert plan.num_samples == math.ceil(plan.picture.duration * SAMPLE_RATE)


def test_a_clip_on_whole_frames_takes_just_those() -> None:
    plan = plan_cue(cut(rate=FILM), whole(clip_at(240 / FILM, 360 / FILM)))
    assert (plan.record_frame, plan.duration_frames) == (240, 120)
    assert (plan.head_frames, plan.tail_frames) == (24, 24)
    assert plan.num_samples == 168 * 2002


def test_a_frame_at_drop_frame_rate_is_no_whole_number_of_samples() -> None:
    plan = plan_cue(cut(rate=NTSC), whole(clip_at(Fraction(0), 1 / NTSC)), handle_s=Fraction(0))
    assert (plan.wav_frames, plan.num_samples) == (1, 1602)


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(1, 2), Fraction(-1), Fraction(0), Fraction(-7, 10)])
def test_handles_go_on_in_the_media_at_the_clips_speed(speed: Fraction) -> None:
    plan = plan_cue(cut(), whole(clip_at(Fraction(4), Fraction(6), speed)))
    (span,) = plan.picture.spans
    assert fraction(span.speed) == speed
    assert fraction(span.source_start) == 5 - speed
    assert fraction(span.duration) == 4


def test_a_part_of_a_ramp_keeps_its_place_in_the_media() -> None:
    spans = [Span((2, 1), (0, 1), (1, 2)), Span((2, 1), (1, 1), (2, 1))]
    clip = msgspec.structs.replace(seen("V1", 1, 10, 14), spans=spans)
    plan = plan_cue(cut(), Selected(clip, Fraction(11), Fraction(13)), handle_s=Fraction(0))
    assert plan.picture.spans == [Span((1, 1), (1, 2), (1, 2)), Span((1, 1), (1, 1), (2, 1))]


def test_a_head_may_reach_before_the_timeline() -> None:
    plan = plan_cue(cut(), whole(clip_at(Fraction(0), Fraction(2))))
    assert (plan.record_frame, plan.head_frames) == (0, 25)


def test_clips_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(SelectionError, match="a title"):
        plan_cue(cut(), whole(seen("V1", 1, 0, 10, eligible=False, reason="It is a title.")))


@pytest.fixture
def media(tmp_path: Path) -> str:
    path = tmp_path / "a.mov"
    path.write_bytes(bytes(range(256)) * 5000)
    return str(path)


def key(clip: ClipRecord, **more: object) -> str:
    return cue_key(whole(clip), **({"label": None, "layer": 0} | more))  # type: ignore[arg-type]


def test_a_cue_is_not_its_name_place_or_path(media: str, tmp_path: Path) -> None:
    clip = seen("V1", 3, 10, 20, media=media)
    moved = tmp_path / "moved.mov"
    moved.write_bytes(Path(media).read_bytes())
    elsewhere = seen("V2", 9, 10, 20, media=str(moved), name="other", nest="scene")
    later = msgspec.structs.replace(elsewhere, record_in=(50, 1), record_out=(60, 1))
    assert key(clip) == key(elsewhere) == key(later)
    assert len(key(clip)) == 64


def test_a_cue_is_its_media_range_time_map_label_and_layer(media: str, tmp_path: Path) -> None:
    clip = seen("V1", 1, 10, 20, media=media)
    other = tmp_path / "other.mov"
    other.write_bytes(Path(media).read_bytes()[:-1] + b"!")
    slipped = msgspec.structs.replace(clip, spans=[Span((10, 1), (1, 1))])
    slowed = msgspec.structs.replace(clip, spans=[Span((10, 1), (0, 1), (1, 2))])
    keys = [
        key(clip),
        key(msgspec.structs.replace(clip, media=str(other))),
        key(slipped),
        key(slowed),
        key(clip, label="door"),
        key(clip, layer=1),
        cue_key(Selected(clip, Fraction(10), Fraction(19)), label=None, layer=0),
    ]
    assert len(set(keys)) == len(keys)


def test_a_missing_file_is_known_by_its_path() -> None:
    assert key(seen("V1", 1, 0, 5, media="/gone/a.mov")) != key(seen("V1", 1, 0, 5, media="/gone/b.mov"))


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [([], 0), ([1.0], 0), ([9.5], 25), ([9.5, 10.4], 10), ([9.5, 10.0], 0), ([10.5], 0), ([-0.5], 0)],
)
def test_late_hits_ring_until_something_unseen(times_s: list[float], expected: int) -> None:
    plan = plan_cue(cut(), whole(clip_at(Fraction(10), Fraction(20))))
    assert ring_frames(plan, [Hit(time_s) for time_s in times_s], Fraction(25)) == expected
