"""What the reader says of clips: where they sit, what of their media they play, and why not."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import Rational, fraction
from foley_plugin.timeline.errors import BadTime, TimelineError, UnsupportedSchema
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.probe import MediaProbe, ProbeFailed
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord

from .building import (
    Json,
    clip,
    dissolve,
    freeze,
    gap,
    item,
    ramp,
    saved,
    stack,
    time,
    time_range,
    timeline,
    track,
    warp,
)

TEN_SECONDS = MediaProbe(start=Fraction(0), duration=Fraction(10), is_still=False)


@pytest.fixture
def movie(tmp_path: Path) -> str:
    """A file that is there; what is in it is told by the probe of each test."""
    path = tmp_path / "a.mov"
    path.write_bytes(b"moving")
    return str(path)


def read(root: Any, folder: Path, probe: MediaProbe | str = TEN_SECONDS) -> CutRecord:
    def told(path: str) -> MediaProbe:
        if isinstance(probe, str):
            raise ProbeFailed(probe)
        return probe

    return cut_record(saved(root, folder), MediaShelf(told))


def only(cut: CutRecord) -> ClipRecord:
    (found,) = cut.clips
    return found


def times(*rationals: Rational) -> list[Fraction]:
    return [fraction(each) for each in rationals]


def edges(found: ClipRecord) -> list[Fraction]:
    """record in, record out, source in, source out."""
    return times(found.record_in, found.record_out, found.source_in, found.source_out)


def spans(found: ClipRecord) -> list[tuple[Fraction, Fraction, Fraction]]:
    """duration, source start, speed of each."""
    return [(fraction(s.duration), fraction(s.source_start), fraction(s.speed)) for s in found.spans]


def from_media(
    movie: str, start: float, duration: float, rate: float = 24.0, media_start: float = 0, **more: Any
) -> Json:
    """A clip of ten seconds of media."""
    available = time_range(media_start, 10 * rate, rate)
    return clip("a", time_range(start, duration, rate), url=movie, available=available, **more)


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


def test_a_range_outside_the_media_has_a_reason(tmp_path: Path, movie: str) -> None:
    found = only(read(timeline(track(from_media(movie, 900, 24))), tmp_path))
    assert not found.eligible and "outside its media" in str(found.reason)


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


@pytest.mark.parametrize(
    ("scalar", "expected", "note"),
    [
        (1.0, (2, 1, 1), None),
        (0.5, (2, 1, Fraction(1, 2)), "50 %"),
        (2.0, (2, 1, 2), "200 %"),
        (-1.0, (2, 3, -1), "reversed"),
        (-0.5, (2, 2, Fraction(-1, 2)), "reversed, 50 %"),
        (0.0, (2, 1, 0), "freeze frame"),
    ],
)
def test_linear_retimes(
    tmp_path: Path, movie: str, scalar: float, expected: tuple[int | Fraction, ...], note: str | None
) -> None:
    found = only(read(timeline(track(from_media(movie, 24, 48, effects=[warp(scalar)]))), tmp_path))
    assert spans(found) == [expected]
    assert found.speed_note == note
    used = 2 * abs(Fraction(scalar))
    assert edges(found) == [0, 2, 1, 1 + used]


def test_freeze_frames_and_several_warps(tmp_path: Path, movie: str) -> None:
    frozen = from_media(movie, 24, 48, effects=[freeze()])
    twice = from_media(movie, 24, 48, effects=[warp(0.5), warp(0.5)])
    off = from_media(movie, 24, 48, effects=[warp(0.5) | {"enabled": False}])
    found = read(timeline(track(frozen, twice, off)), tmp_path).clips
    assert [spans(each)[0][2] for each in found] == [0, Fraction(1, 4), 1]


def test_straight_ramps_become_spans(tmp_path: Path, movie: str) -> None:
    keys = [[0.0, 0.0], [2.0, 1.0], [4.0, 5.0]]
    found = only(read(timeline(track(from_media(movie, 0, 120, effects=[ramp(keys)]))), tmp_path))
    assert spans(found) == [(2, 0, Fraction(1, 2)), (3, 1, 2)]
    assert found.speed_note == "speed ramp"


def test_trimmed_ramps_start_inside_the_curve(tmp_path: Path, movie: str) -> None:
    keys = [[0.0, 0.0], [2.0, 1.0], [4.0, 5.0]]
    effects = [ramp(keys)]
    root = timeline(track(from_media(movie, 86400 + 24, 48, media_start=86400, effects=effects)))
    assert spans(only(read(root, tmp_path))) == [(1, Fraction(1, 2), Fraction(1, 2)), (1, 1, 2)]


def test_eased_ramps_are_smooth_and_end_where_they_should(tmp_path: Path, movie: str) -> None:
    keys = [[0.0, 0.0, True, 0, 0, 1.0, 0.0], [4.0, 4.0, True, -1.0, 0.0, 0, 0]]
    found = only(read(timeline(track(from_media(movie, 0, 96, effects=[ramp(keys)]))), tmp_path))
    pieces = spans(found)
    assert len(pieces) > 4
    assert sum(duration * speed for duration, _, speed in pieces) == 4
    rates = [speed for _, _, speed in pieces]
    assert rates[0] < Fraction(1, 2) and rates[-1] < Fraction(1, 2) and max(rates) > 1


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [[0.0, 0.0]],
        [[0.0, 0.0], [0.0, 1.0]],
        [["a", 0], [1, 1]],
        [[0.0], [1.0]],
        None,
        [[0, 0], [1e999, 1]],
    ],
)
def test_broken_ramps_have_a_reason(tmp_path: Path, movie: str, keys: Any) -> None:
    found = only(read(timeline(track(from_media(movie, 0, 96, effects=[ramp(keys)]))), tmp_path))
    assert not found.eligible and "V1:1" in str(found.reason)


def test_unknown_time_effects_have_a_reason(tmp_path: Path, movie: str) -> None:
    effect = ramp([]) | {"metadata": {}}
    found = only(read(timeline(track(from_media(movie, 0, 96, effects=[effect]))), tmp_path))
    assert "a time effect of an unknown kind" in str(found.reason)


def test_dissolves_lengthen_both_neighbours_by_their_own_offsets(tmp_path: Path, movie: str) -> None:
    one, two = from_media(movie, 24, 48), from_media(movie, 120, 48)
    cut = read(timeline(track(one, dissolve(6, 12, 24.0), two)), tmp_path)
    assert [edges(each) for each in cut.clips] == [
        [0, Fraction(5, 2), 1, Fraction(7, 2)],
        [Fraction(7, 4), 4, Fraction(19, 4), 7],
    ]
    assert [times(each.record_in, each.record_out) for each in cut.tracks[0].items] == [[0, 2], [2, 4]]


def test_dissolves_stop_where_the_media_does(tmp_path: Path, movie: str) -> None:
    one, two = from_media(movie, 192, 48), from_media(movie, 2, 48)
    cut = read(timeline(track(one, dissolve(6, 6, 24.0), two)), tmp_path)
    assert edges(cut.clips[0])[1] == 2
    assert edges(cut.clips[1])[0] == 2 - Fraction(2, 24)


def test_dissolves_at_the_start_do_not_reach_before_it(tmp_path: Path, movie: str) -> None:
    found = only(read(timeline(track(dissolve(6, 6, 24.0), from_media(movie, 48, 48))), tmp_path))
    assert edges(found) == [0, 2, 2, 4]


def test_nested_clips_land_where_the_nest_plays_them(tmp_path: Path, movie: str) -> None:
    inner = track(from_media(movie, 0, 48), from_media(movie, 96, 48))
    nest = stack(inner, name="Scene", source=time_range(24, 48, 24.0))
    cut = read(timeline(track(gap(24, 24.0), nest)), tmp_path)
    assert [edges(each) for each in cut.clips] == [[1, 2, 1, 2], [2, 3, 4, 5]]
    assert [(each.track, each.index, each.nest) for each in cut.clips] == [
        ("V1", 1, "Scene"),
        ("V1", 2, "Scene"),
    ]
    assert [(each.kind, each.name) for each in cut.tracks[0].items] == [("nest", "Scene")]


def test_nested_clips_go_through_every_parents_warp(tmp_path: Path, movie: str) -> None:
    inner = stack(
        track(from_media(movie, 24, 96, effects=[warp(2.0)])), source=time_range(24, 48, 24.0), name="in"
    )
    outer = stack(track(inner), source=time_range(0, 96, 24.0), name="out", effects=[warp(0.5)])
    found = only(read(timeline(track(outer)), tmp_path))
    assert edges(found) == [0, 4, 3, 7]
    assert spans(found) == [(4, 3, 1)]
    assert found.nest == "out / in"


def test_reversed_nests_play_their_clips_backwards(tmp_path: Path, movie: str) -> None:
    inner = track(from_media(movie, 0, 24), from_media(movie, 96, 24))
    nest = stack(inner, source=time_range(0, 48, 24.0), effects=[warp(-1.0)])
    cut = read(timeline(track(nest)), tmp_path)
    assert sorted((edges(each)[0], spans(each)) for each in cut.clips) == [
        (0, [(1, 5, -1)]),
        (1, [(1, 1, -1)]),
    ]


def test_frozen_nests_hold_the_clip_at_their_start(tmp_path: Path, movie: str) -> None:
    inner = track(from_media(movie, 0, 24), from_media(movie, 96, 24))
    nest = stack(inner, source=time_range(36, 48, 24.0), effects=[freeze()])
    found = only(read(timeline(track(nest)), tmp_path))
    assert spans(found) == [(2, Fraction(9, 2), 0)]


def test_audio_inside_nests_is_not_listed(tmp_path: Path, movie: str) -> None:
    nest = stack(track(from_media(movie, 0, 24)), track(from_media(movie, 0, 24), kind="Audio"))
    assert len(read(timeline(track(nest)), tmp_path).clips) == 1


def test_trims_of_tracks_and_of_the_whole_stack_count(tmp_path: Path, movie: str) -> None:
    root = timeline(track(from_media(movie, 0, 96), source_range=time_range(24, 48, 24.0)))
    assert edges(only(read(root, tmp_path))) == [0, 2, 1, 3]
    root = timeline(track(from_media(movie, 0, 96)))
    root["tracks"]["source_range"] = time_range(24, 48, 24.0)
    cut = read(root, tmp_path)
    assert edges(only(cut)) == [0, 2, 1, 3]
    assert fraction(cut.duration) == 2


def test_what_is_disabled_has_a_reason(tmp_path: Path, movie: str) -> None:
    off = from_media(movie, 0, 24, enabled=False)
    on = from_media(movie, 0, 24)
    nest = stack(track(on), name="Scene", enabled=False)
    cut = read(timeline(track(off), track(on, enabled=False), track(nest)), tmp_path)
    reasons = [str(each.reason) for each in cut.clips]
    assert "is disabled in the cut" in reasons[0]
    assert "disabled track V2" in reasons[1]
    assert "disabled nest “Scene”" in reasons[2]
    assert not any(each.enabled or each.eligible for each in cut.clips)
    assert [each.enabled for each in cut.tracks] == [True, False, True]


def test_missing_media_are_told_apart_from_titles(tmp_path: Path) -> None:
    offline = {
        "OTIO_SCHEMA": "MissingReference.1",
        "name": "x.mov",
        "metadata": {"Resolve_OTIO": {"Media Url": "/vol/x.mov"}},
        "available_range": None,
        "available_image_bounds": None,
    }
    source = time_range(0, 24, 24.0)
    tracks = [track(clip("x.mov", source, reference=offline), clip("Text+", source))]
    resolve = read(timeline(*tracks, metadata={"Resolve_OTIO": {}}), tmp_path)
    assert [each.kind for each in resolve.clips] == ["clip", "title"]
    assert "/vol/x.mov" in str(resolve.clips[0].reason)
    assert resolve.clips[0].media == "/vol/x.mov"
    assert [each.kind for each in resolve.tracks[0].items] == ["clip", "title"]
    other = read(timeline(*tracks), tmp_path)
    assert [each.kind for each in other.clips] == ["clip", "clip"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gone.mov", "offline"),
        ("", "names no media file"),
        ("http://example.com/a.mov", "not a file on this computer"),
        ("concat:a.mov|b.mov", "not a file on this computer"),
        ("//server/share/a.mov", "from the network"),
        (r"E:\a.mov" if os.name != "nt" else "/Volumes/a.mov", "another operating system"),
        (".", "offline"),
    ],
)
def test_media_that_cannot_be_had_have_a_reason(tmp_path: Path, url: str, words: str) -> None:
    found = only(read(timeline(track(clip("a", time_range(0, 24, 24.0), url=url))), tmp_path))
    assert not found.eligible
    assert words in str(found.reason) and "V1:1" in str(found.reason)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    root = timeline(track(clip("a", time_range(0, 24, 24.0), url="pipe.mov")))
    assert "offline" in str(only(cut_record(saved(root, tmp_path))).reason)


def test_unreadable_and_still_media_have_a_reason(tmp_path: Path, movie: str) -> None:
    root = timeline(track(from_media(movie, 0, 24)))
    assert "no readable video (bad data)" in str(only(read(root, tmp_path, "bad data")).reason)
    still = MediaProbe(Fraction(0), Fraction(1, 25), is_still=True)
    assert "still picture" in str(only(read(root, tmp_path, still)).reason)


def test_real_probes_refuse_what_is_no_video(tmp_path: Path, movie: str) -> None:
    cut = cut_record(saved(timeline(track(from_media(movie, 0, 24))), tmp_path))
    assert "no readable video" in str(only(cut).reason)


def test_image_sequences_and_generators_have_a_reason(tmp_path: Path) -> None:
    source = time_range(0, 24, 24.0)
    common = {"name": "", "metadata": {}, "available_range": None, "available_image_bounds": None}
    sequence = common | {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": "/a",
        "name_prefix": "f.",
        "name_suffix": ".exr",
        "start_frame": 1,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
    }
    generator = common | {"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "bars", "parameters": {}}
    root = timeline(track(clip("a", source, reference=sequence), clip("b", source, reference=generator)))
    found = read(root, tmp_path).clips
    assert "image sequence" in str(found[0].reason)
    assert found[1].kind == "title"


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


@pytest.mark.parametrize("scalar", [float("nan"), float("inf"), 1e9])
def test_speeds_that_are_none_have_a_reason(tmp_path: Path, movie: str, scalar: float) -> None:
    found = only(read(timeline(track(from_media(movie, 0, 24, effects=[warp(scalar)]))), tmp_path))
    assert "a speed of" in str(found.reason)


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


def test_probing_ends_when_its_time_is_up(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.mov" for number in range(3)]
    for path in paths:
        path.write_bytes(b"x")
    asked: list[str] = []
    now = iter(range(0, 1000, 6))

    def told(path: str) -> MediaProbe:
        asked.append(Path(path).name)
        return TEN_SECONDS

    clips = [from_media(str(path), 0, 24) for path in paths]
    cut = cut_record(saved(timeline(track(*clips)), tmp_path), MediaShelf(told, lambda: float(next(now))))
    assert asked == ["0.mov"]
    assert all(each.eligible for each in cut.clips)


def test_source_positions_of_drawn_items(tmp_path: Path, movie: str) -> None:
    sound = clip("s", time_range(86448, 24, 24.0), url="s.wav", available=time_range(86400, 240, 24.0))
    root = timeline(
        track(from_media(movie, 24, 48)),
        track(sound, item("Gap.1", "", time_range(0, 3, 24.0)), kind="Audio"),
    )
    cut = read(root, tmp_path)
    assert [fraction(each.items[0].source_in) for each in cut.tracks] == [1, 2]
