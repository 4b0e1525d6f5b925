"""Image sequences in a cut: named in every way that editors name them, with images missing and without."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.media.video import FrameRequest, sample_picture
from engine.protocol import fraction, image_sequence
from foley_plugin.timeline.image_numbers import ImagePattern, image_pattern, numbers_on_disk
from foley_plugin.timeline.media_places import MediaPlaces, Relink
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.placement import cue_key, plan_cue
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import select

from .building import Json, clip, saved, time_range, timeline, track, warp
from .numbered_video import HEIGHT_PX, WIDTH_PX, number_in, numbered_picture
from .reading import only

FIRST, COUNT = 1001, 48


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """48 images, from number 1001 on, each showing how many came before it."""
    images = tmp_path / "tif"
    images.mkdir()
    for number in range(COUNT):
        Image.fromarray(numbered_picture(number)).save(images / f"output.{FIRST + number}.tif")
    return images


def reference(base: str, *, missing: str = "error", available: Json | None = None, **more: object) -> Json:
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "name": "output.[1001-1048].tif",
        "metadata": {},
        "available_range": available,
        "available_image_bounds": None,
        "target_url_base": base,
        "name_prefix": "output.",
        "name_suffix": ".tif",
        "start_frame": FIRST,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": missing,
    } | more


AVAILABLE = time_range(0, COUNT, 24.0)


def read(shot: Json, folder: Path, **places: object) -> CutRecord:
    return cut_record(
        saved(timeline(track(shot)), folder),
        MediaShelf(places=MediaPlaces(**places)),  # type: ignore[arg-type]
    )


def numbers(cut: CutRecord) -> list[int]:
    """The number on each picture of the cut's one clip."""
    plan = plan_cue(cut, select(cut)[0])
    rate = fraction(cut.rate)
    head = fraction(plan.head)
    times = [float(head + (frame + Fraction(1, 2)) / rate) for frame in range(plan.duration_frames)]
    (frames,) = sample_picture(plan.picture, [FrameRequest(times, WIDTH_PX, HEIGHT_PX, "gray8")])
    return [number_in(frame) for frame in frames]


def test_resolves_sequence_at_double_speed(folder: Path) -> None:
    """The shape of Resolve's export: images counted from zero, 11 frames from the 19th on at 200 %."""
    shot = clip(
        "output.[1001-1099].tif",
        time_range(19, 11, 24.0),
        reference=reference(str(folder), available=AVAILABLE),
        effects=[warp(2.0)],
    )
    cut = read(shot, folder.parent)
    assert (
        only(cut).media == f"sequence:{folder}/output.[1001-1048].tif?digits=4&step=1&rate=24:1&missing=error"
    )
    assert numbers(cut) == [20 + 2 * frame for frame in range(11)]


@pytest.mark.parametrize("start", [0, FIRST])
def test_without_a_range_numbers_count_as_timecode_or_from_zero(folder: Path, start: int) -> None:
    shot = clip("a", time_range(start + 5, 10, 24.0), reference=reference(str(folder)))
    assert numbers(read(shot, folder.parent)) == list(range(5, 15))


@pytest.mark.parametrize("base", ["tif", "tif/", "file://localhost{}", "{}"])
def test_the_base_is_a_path_or_url_of_any_dialect(folder: Path, base: str) -> None:
    shot = clip("a", time_range(0, 4, 24.0), reference=reference(base.format(folder), available=AVAILABLE))
    assert numbers(read(shot, folder.parent)) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["output.%04d.tif", "output.####.tif", "output.[1001-1048].tif"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_pattern_for_a_path_is_a_sequence_too(folder: Path, name: str, scheme: str) -> None:
    shot = clip("a", time_range(FIRST + 3, 5, 23.976), url=f"{scheme}{folder}/{name}")
    cut = read(shot, folder.parent)
    assert numbers(cut) == list(range(3, 8))
    sequence = image_sequence(str(only(cut).media))
    assert sequence is not None and sequence.rate == Fraction(24000, 1001)


def test_a_step_halves_the_images(folder: Path) -> None:
    for number in range(FIRST + 1, FIRST + COUNT, 2):
        (folder / f"output.{number}.tif").unlink()
    shot = clip(
        "a", time_range(0, 24, 24.0), reference=reference(str(folder), available=AVAILABLE, frame_step=2)
    )
    assert numbers(read(shot, folder.parent)) == [frame // 2 * 2 for frame in range(24)]


def without(folder: Path, *numbers: int) -> None:
    for number in numbers:
        (folder / f"output.{number}.tif").unlink()


def shot_with(missing: str, folder: Path, start: int = 0) -> Json:
    source = time_range(start, 8, 24.0)
    return clip("a", source, reference=reference(str(folder), missing=missing, available=AVAILABLE))


def test_missing_images_are_held_with_a_notice(folder: Path) -> None:
    without(folder, FIRST + 3, FIRST + 4)
    cut = read(shot_with("hold", folder), folder.parent)
    assert numbers(cut) == [0, 1, 2, 2, 2, 5, 6, 7]
    assert any("images 1004, 1005" in notice and "hold" in notice for notice in cut.notices)


def test_missing_images_are_refused_where_the_reference_says_so(folder: Path) -> None:
    without(folder, FIRST + 3)
    found = only(read(shot_with("error", folder), folder.parent))
    assert not found.eligible and "image 1004 of its image sequence" in str(found.reason)
    cut = read(shot_with("error", folder, start=10), folder.parent)
    assert numbers(cut) == list(range(10, 18)), "what is missing elsewhere is no harm"
    plan = plan_cue(cut, select(cut)[0])
    sample_picture(plan.picture, [FrameRequest([0.0, 1.0], 8, 8, "gray8")])


def test_missing_images_may_be_black(folder: Path) -> None:
    without(folder, FIRST + 3)
    cut = read(shot_with("black", folder), folder.parent)
    assert numbers(cut)[2:5] == [2, 0, 4]
    assert any("black" in notice for notice in cut.notices)


def test_a_moved_sequence_is_found_by_search_and_by_relink(folder: Path) -> None:
    base = "C:\\Users\\robin\\img_sequence\\tif"
    shot = clip("a", time_range(2, 3, 24.0), reference=reference(base, available=AVAILABLE))
    lost = only(read(shot, folder.parent))
    assert lost.is_offline and "another operating system" in str(lost.reason)
    assert numbers(read(shot, folder.parent, folders=[str(folder.parent)])) == [2, 3, 4]
    relinks = [Relink("C:\\Users\\robin\\img_sequence", str(folder.parent))]
    assert numbers(read(shot, folder.parent, relinks=relinks)) == [2, 3, 4]


def test_one_image_is_a_still(folder: Path) -> None:
    without(folder, *range(FIRST + 1, FIRST + COUNT))
    shot = clip(
        "a", time_range(0, 8, 24.0), reference=reference(str(folder), available=time_range(0, 1, 24.0))
    )
    assert "still picture" in str(only(read(shot, folder.parent)).reason)


def test_the_cue_of_a_sequence_outlives_a_move(folder: Path, tmp_path: Path) -> None:
    def key(base: Path) -> str:
        shot = clip("a", time_range(2, 3, 24.0), reference=reference(str(base), available=AVAILABLE))
        return cue_key(select(read(shot, tmp_path))[0], label=None, layer=0)

    before = key(folder)
    assert key(folder.rename(tmp_path / "moved")) == before


def test_the_real_export_of_resolve(shared: Path, tmp_path: Path) -> None:
    images = tmp_path / "data/img_sequence/tif"
    images.mkdir(parents=True)
    for number in range(99):
        Image.fromarray(numbered_picture(number)).save(images / f"output.{FIRST + number}.tif")
    path = shared / "timelines" / "resolve_clip_imgseq_2x.otio"
    cut = cut_record(path, MediaShelf(places=MediaPlaces([str(tmp_path)])))
    found: ClipRecord = only(cut)
    assert found.eligible and found.speed_note == "200 %"
    assert numbers(cut) == [40 + 2 * frame for frame in range(11)]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a.%04d.exr", ImagePattern("a.####.exr", 4)),
        ("a.%d.exr", ImagePattern("a.#.exr", 1)),
        ("a_v2.######.dpx", ImagePattern("a_v2.######.dpx", 6)),
        ("a.[0990-1010].tif", ImagePattern("a.####.tif", 4, 990, 1010)),
        ("take #1.mov", None),
        ("plain.mov", None),
    ],
)
def test_names_of_sequences(name: str, pattern: ImagePattern | None) -> None:
    assert image_pattern(name) == pattern


def test_only_numbers_of_the_right_width_count(tmp_path: Path) -> None:
    for name in ("a.0001.png", "a.00002.png", "a.10003.png", "a.0004.png.tmp", "b.0005.png", "a.-0006.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a.0007.png").mkdir()
    assert numbers_on_disk(str(tmp_path / "a.####.png"), 4) == {1, 10003, -6}
    assert np.array(sorted(numbers_on_disk(str(tmp_path / "gone" / "a.####.png"), 4))).size == 0
