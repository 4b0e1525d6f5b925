"""Bundles, opened by OpenTimelineIO's own reader and by zipfile."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.out import bundle
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import timeline_without_foley

from ..building import clip, saved, time_range, timeline, track
from .cuts import NTSC_24, MadeCut, export, make_cut, make_take


@pytest.fixture
def made(tmp_path: Path) -> MadeCut:
    return make_cut(tmp_path)


@pytest.fixture
def takes(made: MadeCut, tmp_path: Path) -> list[Placement]:
    """Two of one name, from two folders."""
    found = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        found.append(make_take(folder, NTSC_24, 30, 50, click_s=Fraction(ord(name), 100), name="t.wav"))
    return found


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_takes_travel_in_the_bundle_byte_for_byte(
    made: MadeCut, takes: list[Placement], tmp_path: Path
) -> None:
    target = tmp_path / "out.otioz"
    assert export(made.path, target, takes, "otioz").path == str(target)
    with zipfile.ZipFile(target) as archive:
        assert archive.read("version.txt") == b"1.0.0"
        media = [entry for entry in archive.infolist() if entry.filename.startswith("media/")]
        assert [entry.filename for entry in media] == ["media/t.wav", "media/t_2.wav"]
        assert {entry.compress_type for entry in media} == {zipfile.ZIP_STORED}
        for entry, take in zip(media, takes, strict=True):
            assert digest(archive.read(entry)) == digest(Path(take.wav).read_bytes())
        content = json.loads(archive.read("content.otio"))
    assert timeline_without_foley(content) == made.root


def test_opentimelineio_unpacks_it_and_finds_the_media(
    made: MadeCut, takes: list[Placement], tmp_path: Path
) -> None:
    target, folder = tmp_path / "out.otioz", tmp_path / "unpacked"
    assert export(made.path, target, takes, "otioz", bundle_media=True).findings == []
    folder.mkdir()
    otio.adapters.read_from_file(str(target), "otioz", extract_to_directory=str(folder))
    cut = otio.adapters.read_from_file(str(folder / "content.otio"), "otio_json")
    urls = {found.media_reference.target_url for found in cut.find_clips()}
    assert urls == {"media/t.wav", "media/t_2.wav", "media/room_tone.wav", "media/shot__1_50_.mov"}
    assert all((folder / url).is_file() for url in urls)
    assert (folder / "media/shot__1_50_.mov").read_bytes() == made.movie.read_bytes()


def test_what_does_not_decode_stays_out_and_is_named(tmp_path: Path, takes: list[Placement]) -> None:
    broken = tmp_path / "secrets.mov"
    broken.write_text("no movie at all")
    shot = clip("secrets.mov", time_range(0, 24, 24.0), url=str(broken))
    path = saved(timeline(track(shot)), tmp_path, "broken.otio")
    exported = export(path, tmp_path / "out.otioz", takes, "otioz", bundle_media=True)
    assert any("no readable media, and is not in the bundle" in found.what for found in exported.findings)
    with zipfile.ZipFile(tmp_path / "out.otioz") as archive:
        assert not any("secrets" in name for name in archive.namelist())


def test_a_disk_that_changes_bytes_leaves_no_bundle(
    made: MadeCut, takes: list[Placement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = bundle.bundle_writer

    def broken(content: bytes, held: bundle.Bundle):  # type: ignore[no-untyped-def]
        def spoil(out) -> None:  # type: ignore[no-untyped-def]
            write(content, held)(out)
            out.seek(5000)
            out.write(b"\xff" * 64)

        return spoil

    monkeypatch.setattr("foley_plugin.timeline.out.export.bundle_writer", broken)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(WriteRefused, match="changed"):
        export(made.path, tmp_path / "out.otioz", takes, "otioz")
    assert sorted(os.listdir(tmp_path)) == before


def test_long_media_gets_zip64(
    takes: list[Placement], made: MadeCut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a threshold of some bytes, since nobody waits for four gigabytes."""
    monkeypatch.setattr(bundle, "ZIP64_FROM_BYTES", 1000)
    target = tmp_path / "out.otioz"
    export(made.path, target, takes, "otioz")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        header = archive.getinfo("media/t.wav").header_offset
    with target.open("rb") as file:
        file.seek(header + 4)
        assert int.from_bytes(file.read(2), "little") == zipfile.ZIP64_VERSION
