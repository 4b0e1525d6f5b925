"""For any clip of any cut and any moment of it, what is analysed is what a slow, separate reading names."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from engine.media.video import FrameRequest, sample_picture
from engine.protocol import fraction
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.placement import plan_cue
from foley_plugin.timeline.probe import MediaProbe
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected

from .building import saved
from .numbered_video import HEIGHT_PX, WIDTH_PX, number_in, numbered_picture, write_numbered_video
from .random_cuts import Film, RandomCut, cuts
from .slow_reference import OffTheCurve, shown

FILM_RATE, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
HOUR = 86400

WITHIN_S = Fraction(1, 1_000_000)
WITHIN_ON_CURVES_S = Fraction(1, 200)
"""A curve is drawn in straight pieces; with nests at ten times the speed this is still no frame."""

NUM_MOMENTS = 12

quietly = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25
)

STILL = Film("a.mov", FILM_RATE, HOUR / FILM_RATE, 2400 / FILM_RATE)


def read(cut: RandomCut, film: Film) -> CutRecord:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.mov").write_bytes(b"film")
        shelf = MediaShelf(lambda _: MediaProbe(film.start, film.duration, is_still=False))
        return cut_record(saved(cut.root, Path(folder)), shelf)


def analysed(clip: ClipRecord, time: Fraction) -> Fraction:
    """The media time that the clip's spans name at a moment of the cut."""
    at = fraction(clip.record_in)
    for span in clip.spans:
        if time < at + fraction(span.duration):
            break
        at += fraction(span.duration)
    return fraction(span.source_start) + (time - at) * fraction(span.speed)


def moments(record: CutRecord) -> list[Fraction]:
    """Middles of the timeline's frames, evenly over the cut, and moments a little off them."""
    rate, end = fraction(record.rate), fraction(record.duration)
    num_frames = math.ceil(end * rate)
    frames = range(0, num_frames, max(1, num_frames // NUM_MOMENTS))
    return [(frame + part) / rate for frame in frames for part in (Fraction(1, 2), Fraction(13, 97))]


def edges(record: CutRecord, name: str) -> Iterator[Fraction]:
    for clip in record.clips:
        if clip.name == name:
            yield from (fraction(clip.record_in), fraction(clip.record_out))


@quietly
@given(cuts(STILL))
def test_every_moment_of_every_clip_is_the_one_that_the_slow_reading_names(cut: RandomCut) -> None:
    record = read(cut, STILL)
    within = WITHIN_ON_CURVES_S if cut.has_curves else WITHIN_S
    for name in cut.names:
        clips = [clip for clip in record.clips if clip.name == name]
        borders = list(edges(record, name))
        for time in moments(record):
            try:
                expected = shown(cut.root, name, time, STILL.duration)
            except OffTheCurve:
                continue
            seen = [clip for clip in clips if fraction(clip.record_in) <= time < fraction(clip.record_out)]
            if any(abs(time - border) <= WITHIN_S * 1000 for border in borders):
                continue
            assert bool(seen) == (expected is not None), (name, time)
            if expected is not None:
                assert any(abs(analysed(clip, time) - expected) <= within for clip in seen), (name, time)


# The same with pictures: the number that is burnt into each is read back.

NUM_FRAMES = 200


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Film]:
    """One film at 23.976, one in 29.97 drop-frame, one of numbered images."""
    folder = tmp_path_factory.mktemp("films")
    film = write_numbered_video(folder / "film.mov", FILM_RATE, NUM_FRAMES, "01:00:00:00")
    drop = write_numbered_video(folder / "drop.mov", NTSC, NUM_FRAMES, "00:59:59;00")
    for number in range(NUM_FRAMES):
        Image.fromarray(numbered_picture(number)).save(folder / f"shot.{HOUR + number:06d}.png")
    images = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": folder.as_uri(),
        "name_prefix": "shot.",
        "name_suffix": ".png",
        "start_frame": HOUR,
        "frame_step": 1,
        "rate": 23.98,
        "frame_zero_padding": 6,
        "missing_frame_policy": "error",
    }
    first_drop = 59 * 60 * 30 + 59 * 30 - 2 * (59 - 5)
    return {
        "film": Film(str(film), FILM_RATE, HOUR / FILM_RATE, NUM_FRAMES / FILM_RATE),
        "drop-frame": Film(str(drop), NTSC, first_drop / NTSC, NUM_FRAMES / NTSC),
        "images": Film("", FILM_RATE, HOUR / FILM_RATE, NUM_FRAMES / FILM_RATE, images),
    }


def named_frame(cut: RandomCut, name: str, time: Fraction, film: Film) -> int | None:
    """The frame that the slow reading names; None too near to a frame's edge on a curve to say.

    On an edge it is the frame that starts there, or in reverse the one that ends there.
    """
    try:
        moment = shown(cut.root, name, time, film.duration)
    except OffTheCurve:
        return None
    if moment is None:
        return None
    frames = moment * film.rate
    nearest = round(frames)
    if abs(frames - nearest) > (Fraction(1, 50) if cut.has_curves else Fraction(1, 8000)):
        number = math.floor(frames)
    elif cut.has_curves:
        return None
    else:
        later = shown(cut.root, name, time + Fraction(1, 100_000), film.duration)
        number = nearest - 1 if later is not None and later < moment else nearest
    return min(max(number, 0), NUM_FRAMES - 1)


def check_pixels(cut: RandomCut, film: Film) -> int:
    """Compare every frame of every clip; how many were compared."""
    with tempfile.TemporaryDirectory() as folder:
        record = cut_record(saved(cut.root, Path(folder)))
    rate, count = fraction(record.rate), 0
    for clip in record.clips:
        if not clip.eligible:
            continue
        start, end = fraction(clip.record_in), fraction(clip.record_out)
        plan = plan_cue(record, Selected(clip, start, end))
        frames = range(math.ceil(start * rate), min(math.floor(end * rate), math.ceil(start * rate) + 60))
        # Not the middle: at double speed that is the very edge of a source frame.
        times = [time for frame in frames if start < (time := (frame + Fraction(37, 80)) / rate) < end]
        named = [named_frame(cut, clip.name, time, film) for time in times]
        in_picture = [float(time - start + fraction(plan.head)) for time in times]
        (pixels,) = sample_picture(plan.picture, [FrameRequest(in_picture, WIDTH_PX, HEIGHT_PX, "gray8")])
        burnt_in = [number_in(each) for each in pixels]
        compared = [(seen, name) for seen, name in zip(burnt_in, named, strict=True) if name is not None]
        assert [seen for seen, _ in compared] == [name for _, name in compared], clip
        count += len(compared)
    return count


@pytest.mark.parametrize("kind", ["film", "drop-frame", "images"])
def test_the_number_on_every_picture_is_the_one_that_the_slow_reading_names(
    films: dict[str, Film], kind: str
) -> None:
    compared = []

    @settings(quietly, max_examples=12)
    @given(cuts(films[kind], longest=16))
    def check(cut: RandomCut) -> None:
        compared.append(check_pixels(cut, films[kind]))

    check()
    assert sum(compared) > 100
