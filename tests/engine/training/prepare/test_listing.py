"""Lists of clips: VGGSound's CSV with all its quirks, and folders of films."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.training.prepare.listing import ClipSource, Listing, list_csv, list_folder, read_labels
from engine.training.prepare.manifest import DataError
from tests.engine.training.prepare.films import clip_names, write_truth

CSV = """\
--0PQM4-hqg,30,waterfall burbling,train
-abc_DEF123,7,"engine accelerating, revving, vroom",train
-abc_DEF123,7,"engine accelerating, revving, vroom",train
zzzzzzzzzzz,100,dog barking,test
qqqqqqqqqqq,0,"people ""whispering\""",train
yyyyyyyyyyy,5,waterfall burbling,train
"""


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    for name in ("--0PQM4-hqg_000030.mp4", "deep/-abc_DEF123_7.webm", "qqqqqqqqqqq_000000.mkv"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "list.csv").write_text(CSV, encoding="utf-8")
    return folder


def test_a_csv_gives_its_splits_clips_by_name_with_their_films_and_all_splits_labels(clips: Path) -> None:
    listing = list_csv(clips.parent / "list.csv", clips)
    by_name = {clip.name: clip for clip in listing.clips}
    assert clip_names(listing) == sorted(by_name)
    assert by_name["--0PQM4-hqg_000030"].path == str(clips / "--0PQM4-hqg_000030.mp4")
    assert by_name["-abc_DEF123_000007"].path == str(clips / "deep" / "-abc_DEF123_7.webm")
    assert by_name["-abc_DEF123_000007"].label == "engine accelerating, revving, vroom"
    assert by_name["qqqqqqqqqqq_000000"].label == 'people "whispering"'
    assert listing.labels == (
        "dog barking",
        "engine accelerating, revving, vroom",
        'people "whispering"',
        "waterfall burbling",
    )


def test_missing_films_and_lines_that_stand_there_twice_are_broken_clips(clips: Path) -> None:
    listing = list_csv(clips.parent / "list.csv", clips)
    troubles = {clip.name: clip.trouble for clip in listing.clips if clip.path is None}
    assert list(troubles) == ["-abc_DEF123_000007 (line 3)", "yyyyyyyyyyy_000005"]
    assert "lines 2 and 3" in (troubles["-abc_DEF123_000007 (line 3)"] or "")
    assert "yyyyyyyyyyy_000005.mp4" in (troubles["yyyyyyyyyyy_000005"] or "")


def test_what_is_trained_on_is_not_tested_on(clips: Path) -> None:
    path = clips.parent / "both.csv"
    path.write_text("a,1,x,train\na,1,x,test\nb,2,x,test\n", encoding="utf-8")
    tested = list_csv(path, clips, split="test")
    assert [clip.trouble is not None and "twice" in clip.trouble for clip in tested.clips] == [True, False]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("a,1,dog,train\nb,2,cat\n", "Line 2"),
        ("a,soon,dog,train\n", "Line 1"),
        ("a,1,dog, barking,train\n", "Line 1"),
        ("a,1,,train\n", "Line 1"),
        ("a,1,dog,test\n", "split 'train': choose of test"),
        ("", "choose of none"),
    ],
)
def test_a_list_that_is_not_of_the_format_is_refused_in_a_sentence(
    clips: Path, text: str, sentence: str
) -> None:
    path = clips.parent / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        list_csv(path, clips)


def test_a_header_and_a_byte_order_mark_are_passed_over(clips: Path) -> None:
    path = clips.parent / "headed.csv"
    path.write_text("\ufeff# YouTube ID,start seconds,label,split\na,1,x,train\n", encoding="utf-8")
    assert clip_names(list_csv(path, clips)) == ["a_000001"]


def test_a_folders_labels_are_its_sub_folders_unless_a_truth_says_otherwise(tmp_path: Path) -> None:
    for name in ("b/2.mp4", "b/deeper/1.MKV", "a/x.webm", "loose.mp4", "a/.hidden.mp4", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    write_truth(tmp_path / "b/2.mp4", [0.5], "c")
    (tmp_path / "a/x.json").write_text("{", encoding="utf-8")
    listing = list_folder(tmp_path)
    assert [(clip.name, clip.label) for clip in listing.clips] == [
        ("a/x.webm", "a"),
        ("b/2.mp4", "c"),
        ("b/deeper/1.MKV", "b"),
        ("loose.mp4", None),
    ]
    assert listing.labels == ("a", "b", "c")
    assert listing.clips[0].path is None and "a/x.json" in (listing.clips[0].trouble or "")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no film"):
        list_folder(tmp_path / "empty")
    with pytest.raises(DataError, match="is not there"):
        list_folder(tmp_path / "nowhere")


def test_labels_keep_the_numbers_that_another_list_gave_them(tmp_path: Path) -> None:
    (tmp_path / "knock").mkdir()
    (tmp_path / "knock" / "1.mp4").write_bytes(b"")
    (tmp_path / "labels.txt").write_text("rain\nknock\n", encoding="utf-8")
    labels = read_labels(tmp_path / "labels.txt")
    assert list_folder(tmp_path, labels=labels).labels == ("rain", "knock")
    with pytest.raises(DataError, match="'knock' is not among"):
        list_folder(tmp_path, labels=("rain",))


def test_the_lists_hash_follows_names_and_labels() -> None:
    def of(*clips: tuple[str, str | None]) -> str:
        return Listing(tuple(ClipSource(name, "x", label) for name, label in clips), (), "train").sha256

    assert of(("a", "x")) == of(("a", "x"))
    assert len({of(("a", "x")), of(("a", "y")), of(("b", "x")), of(("a", None))}) == 4


def test_a_first_line_whose_id_has_id_in_it_is_a_clip(clips: Path) -> None:
    path = clips.parent / "ids.csv"
    path.write_text("xIDx,30.0,x,train\na,1,x,train\n", encoding="utf-8")
    assert clip_names(list_csv(path, clips)) == ["a_000001", "xIDx_000030"]
    path.write_text("xIDx,1.5,x,train\na,1,x,train\n", encoding="utf-8")
    with pytest.raises(DataError, match="Line 1 of"):
        list_csv(path, clips)
