"""AAF, read back by OpenTimelineIO's adapter and by pyaaf2's own walk down to the samples."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import numpy as np
import opentimelineio as otio
import pytest

from .cuts import SAMPLE_RATE, STANDARDS, MadeCut, click_in, export, make_cut, make_take

HALF = Fraction(1, 2)


@pytest.fixture(scope="module", params=STANDARDS.values(), ids=list(STANDARDS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MadeCut:
    return make_cut(tmp_path_factory.mktemp("aaf"), request.param)


@pytest.fixture(scope="module")
def linked(made: MadeCut) -> Path:
    return written(made, made.path.parent)


def written(made: MadeCut, folder: Path, **options: bool) -> Path:
    takes = [
        make_take(folder, made.standard, 30, 50, click_s=HALF, name="take_0001.wav", gain_db=-3.0),
        make_take(folder, made.standard, 60, 50, click_s=HALF, name="take_0002.wav", num_channels=2),
    ]
    target = folder / "out.aaf"
    assert export(made.path, target, takes, "aaf", **options).path == str(target)
    return target


def by_the_adapter(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the adapter's own
        return otio.adapters.read_from_file(str(path), "AAF")


def seats(track: Any) -> list[tuple[float, float, float]]:
    return [
        (c.range_in_parent().start_time.value, c.source_range.start_time.value, c.source_range.duration.value)
        for c in track
        if isinstance(c, otio.schema.Clip)
    ]


def test_the_adapter_finds_clips_timecodes_and_one_track_a_channel(made: MadeCut, linked: Path) -> None:
    cut = by_the_adapter(linked)
    start = made.media_start
    assert cut.global_start_time.value == made.standard.one_hour
    assert [(track.kind, track.name) for track in cut.tracks] == [
        ("Video", "Video 1"),
        ("Audio", "Audio 1"),
        ("Audio", "Audio 1"),
        ("Audio", "Foley"),
        ("Audio", "Foley 2"),
        ("Audio", "Foley 2"),
    ]
    picture, *sounds = cut.tracks
    # Retimes are lost here, as the preflight says; the rest is where it was.
    assert [seat[0] for seat in seats(picture)] == [0, 60, 100, 124]
    assert seats(picture)[0] == (0, start + 10, 48)
    assert seats(picture)[3] == (124, start + 64, 36)
    assert [seats(track) for track in sounds] == [
        [(0, 5, 48)],
        [(0, 5, 48)],
        [(30, 12, 50)],
        [(60, 12, 50)],
        [(60, 12, 50)],
    ]


def timecodes(mob: Any) -> Iterator[tuple[int, int, bool]]:
    for slot in mob.slots:
        if type(slot.segment).__name__ == "Timecode":
            yield slot.segment.start, slot.segment.fps, bool(slot.segment.drop)


def test_timecode_is_exact_and_drop_frame_where_it_is(made: MadeCut, linked: Path) -> None:
    nominal = 30 if made.standard.drop_frame else 24
    with aaf2.open(str(linked), "r") as file:
        (composition,) = file.content.toplevel()
        assert list(timecodes(composition)) == [(made.standard.one_hour, nominal, made.standard.drop_frame)]
        tapes = {code for mob in file.content.sourcemobs() for code in timecodes(mob)}
        assert (made.media_start, nominal, made.standard.drop_frame) in tapes
        rates = {Fraction(slot.edit_rate) for slot in composition.slots}
        assert rates == {made.standard.rate}


def locators(file: Any) -> set[str]:
    return {
        locator["URLString"].value
        for mob in file.content.sourcemobs()
        for locator in (mob.descriptor.get("Locator") or ())
    }


def test_takes_are_linked_unless_they_are_asked_to_travel(linked: Path) -> None:
    with aaf2.open(str(linked), "r") as file:
        assert (linked.parent / "take_0001.wav").as_uri() in locators(file)
        assert len(list(file.content.essencedata)) == 0


def test_embedded_takes_hold_every_sample(made: MadeCut, tmp_path: Path) -> None:
    path = written(made, tmp_path, bundle_media=True)
    expected = round((12 / made.standard.rate + HALF) * SAMPLE_RATE)
    with aaf2.open(str(path), "r") as file:
        found = {}
        for mob in file.content.sourcemobs():
            if mob.essence is not None:
                raw = np.frombuffer(mob.essence.open("r").read(), np.uint8).reshape(-1, 3)
                found.setdefault(mob.name, []).append(click_in(raw[:, 2].astype(np.int8)))
        assert found["take_0001.wav"] == [expected]
        assert found["take_0002.wav"] == [expected] * 2
        assert len(found["room tone.wav"]) == 2


def test_media_is_known_again_in_the_next_export(linked: Path, made: MadeCut, tmp_path: Path) -> None:
    take = make_take(made.path.parent, made.standard, 30, 50, click_s=HALF)
    export(made.path, tmp_path / "next.aaf", [take], "aaf")
    before, after = (master_ids(path) for path in (linked, tmp_path / "next.aaf"))
    assert after < before


def master_ids(path: Path) -> set[str]:
    with aaf2.open(str(path), "r") as file:
        return {str(mob.mob_id) for mob in file.content.mastermobs()}
