"""Clips seen through retimes, dissolves, nests and trims."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import fraction

from .building import (
    dissolve,
    freeze,
    gap,
    ramp,
    stack,
    time_range,
    timeline,
    track,
    warp,
)
from .reading import edges, from_media, only, read, spans, times


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


def test_a_ramp_goes_on_under_its_dissolves(tmp_path: Path, movie: str) -> None:
    """Half a second before and after the clip lie other key frames than those that it begins and ends with."""
    keys = [[0.0, 0.0], [1.0, 0.5], [3.0, 2.5], [6.0, 2.5]]
    first, last = from_media(movie, 0, 24), from_media(movie, 48, 24)
    ramped = from_media(movie, 30, 42, effects=[ramp(keys)])
    tracks = track(first, dissolve(12, 0, 24.0), ramped, dissolve(0, 12, 24.0), last)
    found = read(timeline(tracks), tmp_path).clips[1]
    half = Fraction(1, 2)
    assert spans(found) == [(half / 2, Fraction(3, 8), half), (2, half, 1), (half, 2 + half, 0)]
    assert edges(found)[:2] == [half, 3 + Fraction(1, 4)]


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


@pytest.mark.parametrize("scalar", [float("nan"), float("inf"), 1e9])
def test_speeds_that_are_none_have_a_reason(tmp_path: Path, movie: str, scalar: float) -> None:
    found = only(read(timeline(track(from_media(movie, 0, 24, effects=[warp(scalar)]))), tmp_path))
    assert "a speed of" in str(found.reason)
