"""Media are found where editors put them, also after they have moved; nothing is fetched from anywhere."""

from __future__ import annotations

import shutil
import socket
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.media_finder import MediaFinder
from foley_plugin.timeline.media_places import MediaPlaces, Relink, relink_of, relinked
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.probe import MediaProbe, ProbeFailed
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.urls import parsed_url

from .building import Json, clip, saved, time_range, timeline, track
from .numbered_video import write_numbered_video
from .reading import only

SECOND = time_range(0, 24, 24.0)


def put(folder: Path, *names: str, content: str = "moving") -> list[Path]:
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content} {number}")
    return paths


def read(root: Json, folder: Path, places: MediaPlaces, **durations: int) -> CutRecord:
    """The cut, every file ten seconds long but for those named by their folder."""

    def told(path: str) -> MediaProbe:
        seconds = durations.get(Path(path).parent.name, 10)
        if seconds < 0:
            raise ProbeFailed("it is broken")
        return MediaProbe(Fraction(0), Fraction(seconds), is_still=False)

    return cut_record(saved(root, folder), MediaShelf(told, places=places))


def cut_of(*urls: str, source: Json = SECOND, available: Json | None = None) -> Json:
    return timeline(
        track(*(clip(f"c{number}", source, url=url, available=available) for number, url in enumerate(urls)))
    )


def media(cut: CutRecord) -> list[str | None]:
    return [each.media if each.eligible else None for each in cut.clips]


@pytest.mark.parametrize(
    "url",
    [
        "E:\\SHOW\\day1\\A001.mov",
        "file://localhost/E%3a/SHOW/day1/A001.mov",
        "\\\\server\\SHOW\\day1\\A001.mov",
        "file://server/SHOW/day1/A001.mov",
        "http://example.com/SHOW/day1/A001.mov",
        "/Volumes/SHOW/day1/a001.MOV",
        "A001.mov",
        "day1/A001.mov",
    ],
)
def test_a_search_folder_finds_by_name_whatever_the_path(tmp_path: Path, url: str) -> None:
    (found,) = put(tmp_path / "disk", "x/day1/A001.mov")
    (tmp_path / "cut").mkdir()
    places = MediaPlaces([str(tmp_path / "disk")])
    cut = read(cut_of(url), tmp_path / "cut", places)
    assert media(cut) == [str(found)]
    assert cut.clips[0].named and cut.clips[0].named.lower().endswith("a001.mov")


def test_the_longest_common_end_of_the_path_wins(tmp_path: Path) -> None:
    paths = put(tmp_path, "disk/day1/cam_a/A001.mov", "disk/day2/cam_a/A001.mov", "disk/other/A001.mov")
    cut = read(cut_of("/vol/day2/cam_a/A001.mov"), tmp_path, MediaPlaces([str(tmp_path / "disk")]))
    assert media(cut) == [str(paths[1])]


def test_files_of_one_name_are_told_apart_by_length_or_refused(tmp_path: Path) -> None:
    long, short = put(tmp_path, "disk/long/A001.mov", "disk/short/A001.mov")
    places, available = MediaPlaces([str(tmp_path / "disk")]), time_range(0, 240, 24.0)
    root = cut_of("/vol/A001.mov", available=available)
    assert media(read(root, tmp_path, places, short=3)) == [str(long)]
    assert media(read(root, tmp_path, places, long=20)) == [str(short)]
    assert media(read(root, tmp_path, places, long=-1)) == [str(short)]
    refused = only(read(root, tmp_path, places))
    assert refused.is_offline and not refused.eligible
    assert all(str(path) in str(refused.reason) for path in (long, short))
    assert "--relink" in str(refused.reason)


def test_copies_of_one_file_are_one(tmp_path: Path) -> None:
    first, _ = put(tmp_path, "disk/a/A001.mov", "disk/b/A001.mov")
    shutil.copy(first, tmp_path / "disk/b/A001.mov")
    cut = read(cut_of("/vol/A001.mov"), tmp_path, MediaPlaces([str(tmp_path / "disk")]))
    assert media(cut) == [str(first)]


def test_a_clip_without_media_is_looked_for_by_its_name_or_reel(tmp_path: Path) -> None:
    named, stem, reel = put(tmp_path / "disk", "MyClip.mov", "A001.C002.mxf", "REEL7.mov")
    clips = [clip("MyClip.mov", SECOND), clip("A001.C002", SECOND)]
    clips.append(clip("no such", SECOND, metadata={"cmx_3600": {"reel": "reel7"}}))
    root = timeline(track(*clips))
    assert media(read(root, tmp_path, MediaPlaces([str(tmp_path / "disk")]))) == [
        str(named),
        str(stem),
        str(reel),
    ]
    assert media(read(root, tmp_path / "disk", MediaPlaces())) == [str(named), None, None]


def test_resolves_offline_clips_are_found_by_their_url(tmp_path: Path) -> None:
    (found,) = put(tmp_path / "disk", "x.mov")
    offline = {
        "OTIO_SCHEMA": "MissingReference.1",
        "name": "",
        "metadata": {"Resolve_OTIO": {"Media Url": "E:\\gone\\x.mov"}},
        "available_range": None,
        "available_image_bounds": None,
    }
    root = timeline(
        track(clip("x.mov", SECOND, reference=offline), clip("Text+", SECOND)), metadata={"Resolve_OTIO": {}}
    )
    cut = read(root, tmp_path, MediaPlaces([str(tmp_path / "disk")]))
    assert media(cut) == [str(found), None]
    assert cut.clips[1].kind == "title" and not cut.clips[1].is_offline


def test_one_relink_moves_a_whole_tree(tmp_path: Path) -> None:
    names = ["day1/A001.mov", "day1/A002.mov", "day2/cam b/B001.mov"]
    paths = put(tmp_path / "new place", *names)
    root = cut_of(*(f"file://localhost/D%3a/Show/{name}" for name in names), "D:\\Other\\X.mov")
    old_file, new_file = "D:\\Show\\day1\\A001.mov", str(paths[0])
    for relink in (relink_of("D:\\Show", str(tmp_path / "new place")), relink_of(old_file, new_file)):
        cut = read(root, tmp_path, MediaPlaces(relinks=[relink]))
        assert media(cut)[:3] == [str(path) for path in paths]
        assert cut.clips[3].is_offline


def test_the_nearest_relink_wins(tmp_path: Path) -> None:
    near, far = put(tmp_path, "near/a.mov", "far/day1/a.mov")
    relinks = [Relink("/vol", str(tmp_path / "far")), Relink("/vol/day1", str(tmp_path / "near"))]
    assert media(read(cut_of("/vol/day1/a.mov"), tmp_path, MediaPlaces(relinks=relinks))) == [str(near)]
    near.unlink()
    assert media(read(cut_of("/vol/day1/a.mov"), tmp_path, MediaPlaces(relinks=relinks))) == [str(far)]


def test_what_a_search_finds_leads_to_the_rest_of_its_tree(tmp_path: Path) -> None:
    """B001.mov lies twice; the tree that A001.mov was found in says which is meant."""
    paths = put(tmp_path / "disk", "Show/day1/A001.mov", "Show/day2/B001.mov", "Copy/day2/B001.mov")
    places = MediaPlaces([str(tmp_path / "disk")])
    root = cut_of("/vol/Show/day1/A001.mov", "/vol/Show/day2/B001.mov")
    assert media(read(root, tmp_path, places)) == [str(paths[0]), str(paths[1])]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("D:\\Show\\a\\b.mov", "/new/a/b.mov"),
        ("d:/show/a/b.mov", "/new/a/b.mov"),
        ("D:\\Showreel\\b.mov", None),
        ("D:\\Show", "/new"),
        ("E:\\Show\\b.mov", None),
    ],
)
def test_a_relink_is_for_whole_folder_names(named: str, expected: str | None) -> None:
    assert relinked(named, Relink("D:\\Show", "/new")) == expected


def test_a_later_word_on_a_root_replaces_the_earlier() -> None:
    earlier = MediaPlaces(["/a"], [Relink("D:\\Show", "/one"), Relink("D:\\B", "/b")])
    both = earlier.and_also(MediaPlaces(["/c", "/a"], [Relink("d:/show", "/two")]))
    assert both.folders == ["/c", "/a"]
    assert both.relinks == [Relink("d:/show", "/two"), Relink("D:\\B", "/b")]


def test_accents_may_be_spelled_in_two_ways(tmp_path: Path) -> None:
    (found,) = put(tmp_path / "disk", "Se\u0301ance.mov")
    cut = read(cut_of("/vol/S\u00e9ance.mov"), tmp_path, MediaPlaces([str(tmp_path / "disk")]))
    assert media(cut) == [str(found)]


def test_shares_are_tried_only_with_the_users_word(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(
        "foley_plugin.timeline.media_finder.is_regular_file", lambda path: not looked.append(path)
    )
    addresses = [
        parsed_url(url, "C:\\cuts", windows=True)
        for url in ("\\\\server\\share\\a.mov", "\\\\.\\PhysicalDrive0", "http://server/a.mov")
    ]
    for address in addresses:
        assert MediaFinder(MediaPlaces(), windows=True).find(address, None) == []
    assert looked == []
    allowing = MediaFinder(MediaPlaces(network=True), windows=True)
    assert [allowing.find(address, None) for address in addresses] == [["\\\\server\\share\\a.mov"], [], []]
    assert looked == ["\\\\server\\share\\a.mov"]


def test_a_media_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    cut = read(cut_of("/vol/a.mov"), tmp_path, MediaPlaces([str(tmp_path / "gone")]))
    assert any("gone is not there" in notice for notice in cut.notices)


def test_links_that_come_round_do_not_hold_a_search_up(tmp_path: Path) -> None:
    (found,) = put(tmp_path / "disk", "deep/a.mov")
    (tmp_path / "disk" / "deep" / "again").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert media(read(cut_of("/vol/a.mov"), tmp_path, MediaPlaces([str(tmp_path / "disk")]))) == [str(found)]


def test_production_sound_is_found_too(tmp_path: Path) -> None:
    (found,) = put(tmp_path / "disk", "boom.wav")
    sound = track(clip("boom.wav", SECOND, url="D:\\Sound\\boom.wav"), kind="Audio")
    cut = read(timeline(sound), tmp_path, MediaPlaces([str(tmp_path / "disk")]))
    assert cut.tracks[0].items[0].media == str(found)


class Eavesdropper:
    """A server on this machine that remembers whether anybody came."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while True:
                self.socket.accept()[0].close()
                self.visits += 1
        except OSError:
            return


def test_no_timeline_makes_anything_be_fetched(tmp_path: Path) -> None:
    """The child that reads cuts is asked for addresses in every dress, and nobody comes to the server."""
    server = Eavesdropper()
    at = f"127.0.0.1:{server.port}"
    web = f"http://{at}/a.mov"
    playlist = tmp_path / "list.mov"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{web}\n")
    concat = tmp_path / "concat.mov"
    concat.write_text(f"ffconcat version 1.0\nfile '{web}'\n")
    urls = [
        web,
        f"file:{web}",
        f"concat:{web}|{web}",
        f"subfile,,start,0,end,9,,:{web}",
        f"async:{web}",
        f"tcp://{at}",
        f"crypto+{web}",
        f"ffrtmphttp://{at}/a",
        f"\\\\{at}\\share\\a.mov",
        f"//{at}/a.mov",
        f"file://{at}/a.mov",
        str(playlist),
        str(concat),
        "concat.mov",
    ]
    sequence = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": f"http://{at}/frames",
        "name_prefix": "f.",
        "name_suffix": ".png",
        "start_frame": 1,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
    } | {"name": "", "metadata": {}, "available_range": None, "available_image_bounds": None}
    clips = [clip(f"c{number}", SECOND, url=url) for number, url in enumerate(urls)]
    root = timeline(track(*clips, clip("s", SECOND, reference=sequence)))
    places = MediaPlaces([str(tmp_path)], [Relink("/nowhere", web)], network=True)
    cut = read_cut(saved(root, tmp_path), places=places)
    assert not any(each.eligible for each in cut.clips)
    assert server.visits == 0
    server.socket.close()


def test_a_moved_film_plays(tmp_path: Path) -> None:
    """By the real reader and the real probe."""
    (tmp_path / "disk" / "day1").mkdir(parents=True)
    film = write_numbered_video(tmp_path / "disk/day1/take #1.mov", Fraction(25), 50, "10:00:00:00")
    root = cut_of("D:\\Show\\day1\\take #1.mov", source=time_range(900_005, 10, 25.0))
    path = saved(root, tmp_path)
    assert only(read_cut(path)).is_offline
    found = only(read_cut(path, places=MediaPlaces([str(tmp_path / "disk")])))
    assert (found.media, found.eligible, found.source_in) == (str(film), True, (1, 5))
