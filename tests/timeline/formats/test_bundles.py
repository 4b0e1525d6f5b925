"""OTIOZ and OTIOD: media inside is played, nothing outside is touched."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

import pytest

from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import TimelineError, TimelineNotFound, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats import bundle
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.write import write_cut

from .cuts import bundled_cut, otioz, zipped

OUTSIDE = ["/etc/passwd", "../secret.mov", "media/../../secret.mov", "file:///etc/passwd", "media/none.mov"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLEY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bundles"


def test_media_is_unpacked_once_and_found(tmp_path: Path, cache: Path) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": b"moving", "media/b.mov": b"unused"})
    first = read_cut(path)
    (found,) = first.clips
    assert first.format == "OTIOZ"
    assert Path(str(found.media)).read_bytes() == b"moving"
    assert [entry.name for entry in cache.rglob("*") if entry.is_file()] == ["a.mov"]
    assert "unpacked to" in first.notices[0]
    before = Path(str(found.media)).stat().st_mtime_ns
    assert read_cut(path).source_sha256 == first.source_sha256
    assert Path(str(found.media)).stat().st_mtime_ns == before


def test_a_written_cut_names_the_unpacked_media(tmp_path: Path) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": b"moving"})
    cut = cut_record(path)
    target = write_cut(path, tmp_path / "out.otio", [], source_sha256=cut.source_sha256)
    assert cut_record(target).clips[0].media == cut.clips[0].media
    otioz(path, bundled_cut(), {"media/a.mov": b"other"})
    with pytest.raises(TimelineError, match="has changed since"):
        write_cut(path, tmp_path / "late.otio", [], source_sha256=cut.source_sha256)


def test_a_bundle_folder_is_read_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "cut.otiod"
    (folder / "media").mkdir(parents=True)
    (folder / "content.otio").write_text(json.dumps(bundled_cut("media/a%20b.mov")))
    (folder / "media" / "a b.mov").write_bytes(b"moving")
    cut = cut_record(folder)
    assert cut.format == "OTIOD"
    assert cut.clips[0].media == str(folder / "media" / "a b.mov")


@pytest.mark.parametrize("url", OUTSIDE)
def test_media_outside_a_zip_is_left_out(tmp_path: Path, url: str) -> None:
    cut = cut_record(otioz(tmp_path / "cut.otioz", bundled_cut(url), {}))
    assert cut.clips[0].is_offline and not cut.clips[0].eligible
    assert Path(str(cut.clips[0].media)).name == "a.mov"
    assert "The bundle does not hold" in cut.notices[0]


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_out_of_a_bundle_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "cut.otiod"
    (folder / "media").mkdir(parents=True)
    (tmp_path / "secret.mov").write_bytes(b"secret")
    (folder / "media" / "a.mov").symlink_to(tmp_path / "secret.mov")
    for url in ("media/a.mov", *OUTSIDE):
        (folder / "content.otio").write_text(json.dumps(bundled_cut(url)))
        assert cut_record(folder).clips[0].media != str(tmp_path / "secret.mov")


@pytest.mark.parametrize("name", ["/abs.mov", "../up.mov", "media/../../up.mov", "C:/x.mov", "..\\up.mov"])
def test_a_zip_with_names_that_climb_is_refused(tmp_path: Path, name: str, cache: Path) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {name: b"evil"})
    with pytest.raises(TimelineUnreadable, match="outside the bundle"):
        cut_record(path)
    assert not cache.exists()


def test_a_zip_with_links_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.otioz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.otio", json.dumps(bundled_cut()))
        link = zipfile.ZipInfo("media/a.mov")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(TimelineUnreadable, match="outside the bundle"):
        cut_record(path)


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": bytes(70 * 2**20)})
    assert path.stat().st_size < 2**20
    with pytest.raises(TimelineTooLarge, match="would unpack to 70 MB"):
        cut_record(path)


def test_a_timeline_of_two_gigabytes_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.otioz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("content.otio", "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(b" " * 2**20)
    with pytest.raises(TimelineTooLarge):
        cut_record(path)


def test_a_member_that_lies_about_its_size_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    """The directory says one byte; what comes out is longer, and neither is it kept."""
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": b"moving" * 1000})
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"media/a.mov") - 46 + 24
    raw[at : at + 4] = struct.pack("<I", 1)
    path.write_bytes(bytes(raw))
    with pytest.raises(TimelineError):
        cut_record(path)
    assert not [entry for entry in cache.rglob("*") if entry.is_file()]


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"media/a.mov": b"x"}, r"without content\.otio"),
        ({"content.otio": b"{"}, "damaged or cut short"),
        ({"content.otio": b'{"OTIO_SCHEMA": "Timeline.1", "tracks": null}'}, "without tracks"),
    ],
)
def test_a_zip_that_is_no_bundle(tmp_path: Path, members: dict[str, bytes], what: str) -> None:
    with pytest.raises(TimelineUnreadable, match=what):
        cut_record(zipped(tmp_path / "cut.otioz", members))


def test_a_zip_that_is_cut_short(tmp_path: Path) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(TimelineUnreadable, match="damaged zip"):
        cut_record(path)


def test_no_room_for_the_media_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = otioz(tmp_path / "cut.otioz", bundled_cut(), {"media/a.mov": b"moving"})
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(bundle.shutil, "disk_usage", lambda _: full)
    with pytest.raises(TimelineTooLarge, match="no room to unpack"):
        cut_record(path)


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(TimelineNotFound, match="is a folder without"):
        cut_record(tmp_path)
