"""Media references in every dialect, read without the disk."""

from __future__ import annotations

import pytest

from foley_plugin.timeline.urls import Place, parsed_url

FOLDER = "/cuts"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/Users/a b/x.mov", "/Users/a b/x.mov"),
        ("file:///Users/a%20b/x.mov", "/Users/a b/x.mov"),
        ("file://localhost/Users/x.mov", "/Users/x.mov"),
        ("FILE://LOCALHOST/Users/x.mov", "/Users/x.mov"),
        ("file:/Users/x.mov", "/Users/x.mov"),
        ("file:///Users/take #3?.mov", "/Users/take #3?.mov"),
        ("file:///Users/take%20%233.mov", "/Users/take #3.mov"),
        ("x.mov", "/cuts/x.mov"),
        ("../media/x.mov", "/media/x.mov"),
        ("./sub/x.mov", "/cuts/sub/x.mov"),
        ("file:x.mov", "/cuts/x.mov"),
        ("take 1: close.mov", "/cuts/take 1: close.mov"),
    ],
)
def test_local_paths_on_posix(url: str, path: str) -> None:
    address = parsed_url(url, FOLDER, windows=False)
    assert (address.place, address.path) == (Place.LOCAL, path)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (r"E:\SHOW REEL\x.mxf", r"E:\SHOW REEL\x.mxf"),
        ("E:/SHOW/x.mxf", r"E:\SHOW\x.mxf"),
        ("file:///E:/SHOW/x.mxf", r"E:\SHOW\x.mxf"),
        ("file://localhost/D%3a/media/x%20y.mov", r"D:\media\x y.mov"),
        ("file://D:/media/x.mov", r"D:\media\x.mov"),
        ("file:///D|/media/x.mov", r"D:\media\x.mov"),
        (r"file://C:\media\x.mov", r"C:\media\x.mov"),
        (r"\\?\C:\long\x.mov", r"C:\long\x.mov"),
    ],
)
def test_drive_paths(url: str, path: str) -> None:
    on_windows = parsed_url(url, r"C:\cuts", windows=True)
    assert (on_windows.place, on_windows.path) == (Place.LOCAL, path)
    elsewhere = parsed_url(url, FOLDER, windows=False)
    assert (elsewhere.place, elsewhere.path) == (Place.FOREIGN, path)


def test_relative_paths_on_windows() -> None:
    assert parsed_url("media/x.mov", r"C:\cuts", windows=True).path == r"C:\cuts\media\x.mov"


@pytest.mark.parametrize(
    "url",
    [
        r"\\server\share\x.mov",
        "//server/share/x.mov",
        "file://server/share/x.mov",
        "file:////server/share/x.mov",
        r"\\?\UNC\server\share\x.mov",
        r"\\.\PhysicalDrive0",
        "file:%2F%2Fserver/share/x.mov",
        "file:///%5C%5Cserver/x.mov".replace("/%5C", "%5C"),
    ],
)
@pytest.mark.parametrize("windows", [True, False])
def test_network_paths_are_never_candidates(url: str, windows: bool) -> None:
    address = parsed_url(url, r"C:\cuts" if windows else FOLDER, windows=windows)
    assert address.place is Place.NETWORK
    assert address.candidates == ()


@pytest.mark.parametrize("url", [r"%5C%5Cserver\x.mov", "%2F%2Fserver/x.mov", "a%00b"])
@pytest.mark.parametrize("windows", [True, False])
def test_decoding_never_leads_out_of_the_folder(url: str, windows: bool) -> None:
    folder = r"C:\cuts" if windows else FOLDER
    address = parsed_url(url, folder, windows=windows)
    assert all(path.startswith(folder) and "\0" not in path for path in address.candidates)


@pytest.mark.parametrize(
    "url", ["http://a/x.mov", "https://a/x.mov", "concat:a|b", "rtmp://x", "data:video/mp4"]
)
def test_other_schemes_are_never_candidates(url: str) -> None:
    address = parsed_url(url, FOLDER, windows=False)
    assert (address.place, address.candidates) == (Place.REMOTE, ())


@pytest.mark.parametrize("url", [None, "", "  ", "a\0b", "file:", "file://"])
def test_nothing_is_nowhere(url: str | None) -> None:
    assert parsed_url(url, FOLDER, windows=False).place is Place.NOWHERE


def test_percent_signs_may_be_meant() -> None:
    address = parsed_url("/a/100%25.mov", FOLDER, windows=False)
    assert address.candidates == ("/a/100%25.mov", "/a/100%.mov")
    address = parsed_url("file:///a/100%25.mov", FOLDER, windows=False)
    assert address.candidates == ("/a/100%.mov", "/a/100%25.mov")


def test_backslashes_may_come_from_windows() -> None:
    assert "/cuts/media/x.mov" in parsed_url(r"media\x.mov", FOLDER, windows=False).candidates


@pytest.mark.parametrize("url", [r"E:\a b\x.mxf", "file:///a/x.mxf", "x.mxf", r"\\s\a\x.mxf"])
def test_the_file_name_is_the_last_part(url: str) -> None:
    assert parsed_url(url, FOLDER, windows=False).file_name == "x.mxf"
