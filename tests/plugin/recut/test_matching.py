"""Matching against a slow reference: what can be kept is kept, and every sample lies under its moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foley_plugin.jobs.recut.matching import fits_of
from foley_plugin.jobs.recut.records import Fit, Need
from tests.plugin.recut.reference import (
    HANDLE_FRAMES,
    RATE,
    ModelClip,
    can_be_kept,
    recording_of,
    shown_of,
)

SPEEDS = [Fraction(1), Fraction(1, 2), Fraction(-1), Fraction(0)]
"""At these the clips of the model lie whole frames apart, as the slow reference counts them."""

clips = st.lists(
    st.builds(
        ModelClip,
        media=st.sampled_from(["a", "b"]),
        source=st.integers(0, 200).map(Fraction),
        frames=st.integers(2, 60),
        speed=st.sampled_from([Fraction(1), Fraction(1), Fraction(1), *SPEEDS]),
        at=st.just(0),
    ),
    min_size=1,
    max_size=6,
)


def laid_out(cut: Sequence[ModelClip], gaps: Sequence[int] = ()) -> list[ModelClip]:
    at, placed = 0, []
    for number, clip in enumerate(cut):
        at += gaps[number] if number < len(gaps) else 0
        placed.append(replace(clip, at=at))
        at += clip.frames
    return placed


@st.composite
def recuts(draw: st.DrawFn) -> tuple[list[ModelClip], list[ModelClip]]:
    """A cut, and what an editor made of it."""
    old = laid_out(draw(clips), draw(st.lists(st.integers(0, 40), max_size=6)))
    new = list(old)
    for _ in range(draw(st.integers(0, 6))):
        if not new:
            break
        at = draw(st.integers(0, len(new) - 1))
        clip = new[at]
        match draw(
            st.sampled_from(["move", "trim", "split", "delete", "duplicate", "retime", "slip", "extend"])
        ):
            case "move":
                new.insert(draw(st.integers(0, len(new) - 1)), new.pop(at))
            case "trim" if clip.frames > 3:
                head = draw(st.integers(0, clip.frames - 2))
                new[at] = clip.trimmed(head, draw(st.integers(0, clip.frames - 1 - head)))
            case "extend":
                new[at] = clip.trimmed(-draw(st.integers(0, 40)), -draw(st.integers(0, 40)))
            case "split" if clip.frames > 3:
                cut = draw(st.integers(1, clip.frames - 2))
                lost = draw(st.integers(0, clip.frames - cut - 1))
                new[at : at + 1] = [clip.trimmed(0, clip.frames - cut), clip.trimmed(cut + lost, 0)]
            case "delete":
                del new[at]
            case "duplicate":
                new.insert(draw(st.integers(0, len(new))), clip)
            case "retime":
                new[at] = replace(
                    clip, source=Fraction(int(clip.source)), speed=draw(st.sampled_from(SPEEDS))
                )
            case "slip":
                new[at] = replace(clip, source=clip.source + draw(st.integers(-40, 40)))
            case _:
                pass
    return old, laid_out([clip for clip in new if clip.frames > 0])


def matched(old: Sequence[ModelClip], new: Sequence[ModelClip], *, are_placed: bool = True) -> list[Fit]:
    recordings = [recording_of(number, clip, is_placed=are_placed) for number, clip in enumerate(old)]
    return fits_of(recordings, [shown_of(number, clip) for number, clip in enumerate(new)], RATE)


def assert_true_to_the_picture(old: Sequence[ModelClip], clip: ModelClip, fit: Fit) -> int:
    """Frames with a sound; each of them was made for the media moment that is shown."""
    frames: set[int] = set()
    for part in fit.parts:
        made_for = old[part.recording]
        first, end = part.start * RATE, part.end * RATE
        assert first.denominator == end.denominator == 1, "seams lie on whole frames"
        shift = part.shift * RATE
        for frame in range(int(first), int(end)):
            assert frame not in frames, "no two sounds of one layer at a time"
            frames.add(frame)
            own = frame + shift
            assert -HANDLE_FRAMES <= own < made_for.frames + HANDLE_FRAMES
            assert made_for.media == clip.media
            off = made_for.source + own * made_for.speed - clip.source - frame * clip.speed
            # Within a frame: so short a clip may be of one speed or another.
            assert abs(off) < 1
    return len(frames)


@settings(max_examples=100)
@given(recuts(), st.booleans())
def test_what_can_be_kept_is_kept_and_lies_under_its_moment(
    recut: tuple[list[ModelClip], list[ModelClip]], are_placed: bool
) -> None:
    old, new = recut
    for clip, fit in zip(new, matched(old, new, are_placed=are_placed), strict=True):
        if clip.speed == 0:
            continue  # its moments are all one to the reference; the two tests below count its time
        num_frames = assert_true_to_the_picture(old, clip, fit)
        if clip.frames < 3:
            continue  # within half a frame one speed is as good as another, which the reference tells apart
        assert (fit.need is None) == can_be_kept(old, clip)
        if fit.need is None:
            assert num_frames == clip.frames
        assert fit.missing * RATE == (clip.frames - num_frames if fit.need else 0)


@settings(max_examples=30)
@given(clips, st.randoms(use_true_random=False))
def test_a_cut_in_another_order_keeps_every_take_at_its_own_clip(
    cut: list[ModelClip], random: object
) -> None:
    old = laid_out(cut)
    order = list(range(len(old)))
    random.shuffle(order)  # type: ignore[attr-defined]
    new = laid_out([old[number] for number in order])
    fits = matched(old, new)
    assert all(fit.need is None and fit.is_whole for fit in fits)
    assert sorted(fit.parts[0].recording for fit in fits) == sorted(order)


@pytest.mark.parametrize("frames", [1, 2, 20, 51])
def test_a_hold_is_kept_as_long_as_its_take_lasts_and_no_longer(frames: int) -> None:
    old = [ModelClip("a", Fraction(7), frames, Fraction(0), 0)]
    longest = frames + 2 * HANDLE_FRAMES
    for wanted, missing in ((1, 0), (frames, 0), (longest, 0), (longest + 1, 1), (longest + 9, 9)):
        (fit,) = matched(old, [replace(old[0], frames=wanted)])
        assert (fit.need is None) == (missing == 0) and fit.missing * RATE == missing
        assert_true_to_the_picture(old, replace(old[0], frames=wanted), fit)


@pytest.mark.parametrize("speed", [1, 2, -1])
@pytest.mark.parametrize("way", [1, -1])
def test_a_clip_that_is_slipped_by_its_own_length_is_not_retimed(speed: int, way: int) -> None:
    """What it shows begins where its cue's own picture ends."""
    old = ModelClip("a", Fraction(300), 60, Fraction(speed), 0)
    (fit,) = matched([old], [replace(old, source=old.source + way * 60 * speed)])
    assert (fit.need, fit.owner) == (Need.NEW, None)


def test_a_hold_of_another_moment_is_made_anew() -> None:
    old = [ModelClip("a", Fraction(7), 20, Fraction(0), 0)]
    for source in (3, 9, 30):
        (fit,) = matched(old, [replace(old[0], source=Fraction(source))])
        assert fit.need is not None


def test_two_thousand_clips_of_one_media_are_matched_at_once() -> None:
    old = laid_out([ModelClip("a", Fraction(40 * number), 36, Fraction(1), 0) for number in range(2000)])
    new = laid_out([clip.trimmed(2, 3) for clip in reversed(old)])
    began_s = time.process_time()
    fits = matched(old, new)
    assert time.process_time() - began_s < 5, "quadratic work takes minutes"
    assert [fit.owner for fit in fits] == list(range(1999, -1, -1))
