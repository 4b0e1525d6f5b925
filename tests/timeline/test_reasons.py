"""Why no foley can be made: each reason is told, and nothing is opened that should not be."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.probe import MediaProbe
from foley_plugin.timeline.read import cut_record

from .building import (
    clip,
    saved,
    stack,
    time_range,
    timeline,
    track,
)
from .reading import TEN_SECONDS, from_media, only, read


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
    record = only(read(root, tmp_path, still))
    assert "still picture" in str(record.reason) and record.is_still


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
    assert "no image of the sequence" in str(found[0].reason)
    assert found[1].kind == "title"


def test_a_range_outside_the_media_has_a_reason(tmp_path: Path, movie: str) -> None:
    found = only(read(timeline(track(from_media(movie, 900, 24))), tmp_path))
    assert not found.eligible and "outside its media" in str(found.reason)


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
