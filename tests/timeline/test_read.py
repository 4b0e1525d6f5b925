"""What the reader says of clips: where they sit and what of their media they play."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.errors import BadTime, TimelineError, UnsupportedSchema
from foley_plugin.timeline.probe import MediaProbe

from .building import (
    Json,
    clip,
    gap,
    item,
    stack,
    time,
    time_range,
    timeline,
    track,
)
from .reading import edges, from_media, only, read


def test_clips_follow_each_other_after_gaps(tmp_path: Path, movie: str) -> None:
    one, two = from_media(movie, 24, 48), from_media(movie, 120, 24)
    cut = read(timeline(track(gap(12, 24.0), one, two, name="Picture")), tmp_path)
    assert [edges(each) for each in cut.clips] == [
        [Fraction(1, 2), Fraction(5, 2), 1, 3],
        [Fraction(5, 2), Fraction(7, 2), 5, 6],
    ]
    assert [(each.track, each.index) for each in cut.clips] == [("V1", 1), ("V1", 2)]
    assert all(each.eligible and each.reason is None for each in cut.clips)
    assert fraction(cut.duration) == Fraction(7, 2)
    assert cut.tracks[0].name == "Picture"
    assert [each.clip_index for each in cut.tracks[0].items] == [1, 2]


def test_video_tracks_count_upwards_and_kind_has_no_case(tmp_path: Path, movie: str) -> None:
    tracks = [
        track(kind="audio"),
        track(from_media(movie, 0, 24), kind="VIDEO"),
        track(from_media(movie, 0, 24)),
    ]
    cut = read(timeline(*tracks), tmp_path)
    assert [each.track for each in cut.tracks] == ["A1", "V1", "V2"]
    assert [each.layer for each in cut.clips] == [1, 2]


def test_media_timecode_is_taken_off(tmp_path: Path, movie: str) -> None:
    found = only(read(timeline(track(from_media(movie, 86424, 24, media_start=86400))), tmp_path))
    assert edges(found)[2:] == [1, 2]
    assert found.media_in == (3600, 1)


@pytest.mark.parametrize(
    "available", [None, time_range(0, 0, 24.0), time_range(0, 0, 0.0)], ids=["null", "zero", "no rate"]
)
def test_without_available_range_the_files_timecode_counts(
    tmp_path: Path, movie: str, available: Json | None
) -> None:
    root = timeline(track(clip("a", time_range(86424, 24, 24.0), url=movie, available=available)))
    found = only(read(root, tmp_path, MediaProbe(Fraction(3600), Fraction(10), is_still=False)))
    assert found.eligible
    assert edges(found)[2:] == [1, 2]
    assert (found.media_in, found.media_duration) == ((3600, 1), (10, 1))


def test_a_range_that_fits_only_the_files_timecode_uses_it_and_says_so(tmp_path: Path, movie: str) -> None:
    cut = read(
        timeline(track(from_media(movie, 86424, 24))),
        tmp_path,
        MediaProbe(Fraction(3600), Fraction(10), False),
    )
    assert edges(only(cut))[2:] == [1, 2]
    assert "V1:1" in cut.notices[0]


@pytest.mark.parametrize(
    ("own", "told", "frames", "is_told"),
    [
        (120, 24, 1200, True),  # slow motion
        (24, 25, 240, True),  # film for PAL
        (25, 24, 240, False),  # plays at real speed; the timeline's rate
        (25, 24, 239, False),
        (120, 24, 240, False),
        (25, 25, 250, False),
        (25, 24, 100, False),  # a part of the media
    ],
)
def test_all_frames_of_a_file_at_another_rate_are_told(
    tmp_path: Path, movie: str, own: int, told: int, frames: int, is_told: bool
) -> None:
    """What is played is the file at its own rate: how an editor would say otherwise is not known."""
    available = time_range(0, frames, float(told))
    root = timeline(track(clip("a", time_range(told, told, float(told)), url=movie, available=available)))
    cut = read(root, tmp_path, MediaProbe(Fraction(0), Fraction(10), False, Fraction(own)))
    assert edges(only(cut))[2:] == [1, 2]
    assert [f"at {told} frames a second, but the file has {own}" in each for each in cut.notices] == [
        True
    ] * is_told


def test_without_source_range_all_of_the_media_plays(tmp_path: Path, movie: str) -> None:
    root = timeline(track(clip("a", None, url=movie), from_media(movie, 0, 24)))
    probe = MediaProbe(Fraction(5), Fraction(10), is_still=False)
    assert [edges(each) for each in read(root, tmp_path, probe).clips] == [[0, 10, 0, 10], [10, 11, 0, 1]]


def test_mixed_rates_stay_exact(tmp_path: Path, movie: str) -> None:
    one = from_media(movie, 0, 100.05, rate=25.0)
    two = from_media(movie, 10, 10, rate=23.98)
    found = read(timeline(track(one, two)), tmp_path).clips
    assert edges(found[0])[1] == Fraction(2001, 500)
    assert edges(found[1]) == [
        Fraction(2001, 500),
        Fraction(2001, 500) + Fraction(1001, 2400),
        Fraction(1001, 2400),
        Fraction(1001, 1200),
    ]


def test_zero_length_clips_are_skipped_with_a_notice(tmp_path: Path, movie: str) -> None:
    cut = read(timeline(track(from_media(movie, 0, 0), from_media(movie, 0, 24))), tmp_path)
    assert edges(only(cut))[0] == 0
    assert "no length" in cut.notices[0]


@pytest.mark.parametrize(
    "bad",
    [
        time_range(0, 24, 0.0),
        time_range(0, 24, -24.0),
        time_range(0, 24, float("nan")),
        time_range(0, 24, float("inf")),
        time_range(0, -24, 24.0),
        time_range(0, float("nan"), 24.0),
        time_range(0, 1e300, 24.0),
        time_range(float("nan"), 24, 24.0),
    ],
)
def test_times_that_are_none_name_the_clip(tmp_path: Path, movie: str, bad: Json) -> None:
    with pytest.raises(BadTime, match="“broken”"):
        read(timeline(track(clip("broken", bad, url=movie))), tmp_path)
    nested = timeline(track(stack(track(clip("broken", bad, url=movie)))))
    with pytest.raises(BadTime, match="“broken”"):
        read(nested, tmp_path)


def test_start_and_rate_come_from_the_timeline(tmp_path: Path, movie: str) -> None:
    one = from_media(movie, 0, 24)
    cut = read(timeline(track(one), start=time(107892, 29.97)), tmp_path)
    assert (cut.rate, cut.drop_frame) == ((30000, 1001), True)
    assert fraction(cut.start) == Fraction(107892 * 1001, 30000)
    assert read(timeline(track(one)), tmp_path).rate == (24, 1)
    assert read(timeline(track(one), start=time(0, 0.0)), tmp_path).rate == (24, 1)


def test_the_rate_is_never_that_of_sound_or_of_seconds(tmp_path: Path, movie: str) -> None:
    sound = track(clip("s", time_range(0, 48000, 48000.0), url=movie), kind="Audio")
    picture = track(gap(5, 1.0), from_media(movie, 0, 25, rate=25.0))
    cut = read(timeline(sound, picture, start=time(0, 48000.0)), tmp_path)
    assert cut.rate == (25, 1)
    cut = read(timeline(sound), tmp_path)
    assert cut.rate == (24, 1) and "no frame rate" in cut.notices[0]


def test_a_lone_clip_can_be_read(tmp_path: Path, movie: str) -> None:
    cut = read(from_media(movie, 24, 48), tmp_path)
    assert edges(only(cut)) == [0, 2, 1, 3]
    assert "not written back" in cut.notices[0]


def test_a_collection_of_one_timeline_is_that_timeline(tmp_path: Path, movie: str) -> None:
    one = timeline(track(from_media(movie, 24, 48)))
    holder = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "", "metadata": {}, "children": [one]}
    assert edges(only(read(holder, tmp_path)))[1] == 2
    with pytest.raises(TimelineError, match="holds 2 timelines"):
        read(holder | {"children": [one, one]}, tmp_path)
    with pytest.raises(TimelineError, match="not a timeline"):
        read(holder | {"children": []}, tmp_path)


def test_items_straight_on_the_stack_count_as_tracks(tmp_path: Path, movie: str) -> None:
    cut = read(timeline(from_media(movie, 0, 24), stack(track(from_media(movie, 0, 24)), name="n")), tmp_path)
    assert [(each.track, each.nest) for each in cut.clips] == [("V1", None), ("V2", "n")]


def test_audio_of_unknown_length_is_not_drawn_further(tmp_path: Path, movie: str) -> None:
    sounds = [clip("s", time_range(0, 24, 24.0), url="s.wav"), clip("t", None, url="t.wav")]
    cut = read(timeline(track(*sounds, kind="Audio"), track(from_media(movie, 0, 24))), tmp_path)
    assert [each.name for each in cut.tracks[0].items] == ["s"]
    assert "no known length" in cut.notices[0]


def test_unknown_schemas_do_no_harm_in_metadata_and_are_named_elsewhere(tmp_path: Path, movie: str) -> None:
    strange = {"OTIO_SCHEMA": "Strange.7", "x": 1}
    one = from_media(movie, 0, 24) | {"metadata": {"m": strange}}
    assert only(read(timeline(track(one)), tmp_path)).eligible
    with pytest.raises(UnsupportedSchema, match=r"Strange\.7"):
        read(timeline(track(one | {"effects": [strange]})), tmp_path)


def test_source_positions_of_drawn_items(tmp_path: Path, movie: str) -> None:
    sound = clip("s", time_range(86448, 24, 24.0), url="s.wav", available=time_range(86400, 240, 24.0))
    root = timeline(
        track(from_media(movie, 24, 48)),
        track(sound, item("Gap.1", "", time_range(0, 3, 24.0)), kind="Audio"),
    )
    cut = read(root, tmp_path)
    assert [fraction(each.items[0].source_in) for each in cut.tracks] == [1, 2]
