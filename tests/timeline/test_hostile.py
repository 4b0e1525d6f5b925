"""Files that take OpenTimelineIO down, or that are no timelines: each ends in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foley_plugin.timeline import client
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import (
    ReaderFailed,
    TimelineError,
    TimelineNotFound,
    TimelineTooLarge,
    TimelineUnreadable,
    UnsupportedSchema,
)
from foley_plugin.timeline.read import cut_record

from .building import clip, gap, saved, stack, time_range, timeline, track


def refused(content: bytes | str, folder: Path) -> TimelineError:
    path = folder / "hostile.otio"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TimelineError) as caught:
        cut_record(path)
    sentence = caught.value.sentence
    assert "\n" not in sentence and sentence.endswith(".") and "hostile.otio" in sentence
    return caught.value


def nested(depth: int) -> str:
    return json.dumps(timeline(track())).replace(
        '"children": []',
        '"children": [' + '{"OTIO_SCHEMA": "Stack.1", "children": [' * depth + "]}" * depth + "]",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"TITLE: cut\nFCM: NON-DROP FRAME\n",
        b"<xml/>",
        b"{}",
        b"[]",
        b"null",
        b'"Timeline.1"',
        b'{"OTIO_SCHEMA": 7}',
        b'{"OTIO_SCHEMA": "Timeline.1"',
        b'{"OTIO_SCHEMA": "Timeline.1"}',
        b'{"OTIO_SCHEMA": "Marker.2"}',
        b'{"OTIO_SCHEMA": "Strange.1"}',
        b"\xff\xfe\x00\x01",
        b"\x00" * 100,
    ],
)
def test_what_is_no_timeline_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(content, tmp_path)


def test_null_tracks_and_children_are_refused(tmp_path: Path) -> None:
    assert "without tracks" in refused(json.dumps(timeline() | {"tracks": None}), tmp_path).sentence
    for children in (None, [None], [{}], ["x"], [7], [{"OTIO_SCHEMA": None}]):
        broken = timeline(track(name="V") | {"children": children})
        assert isinstance(refused(json.dumps(broken), tmp_path), TimelineUnreadable)


def test_a_stack_that_contains_itself_is_refused(tmp_path: Path) -> None:
    back = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "loop"}
    around = timeline(track(stack(track(back)) | {"OTIO_REF_ID": "loop"}))
    assert "contains itself" in refused(json.dumps(around), tmp_path).sentence
    one = stack({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "b"}) | {"OTIO_REF_ID": "a"}
    two = stack({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "a"}) | {"OTIO_REF_ID": "b"}
    assert "contains itself" in refused(json.dumps(timeline(track(one, two))), tmp_path).sentence


def test_a_reference_that_two_clips_share_is_read(tmp_path: Path) -> None:
    one = clip("c", time_range(0, 24, 24.0), url="gone.mov")
    one["media_references"]["DEFAULT_MEDIA"]["OTIO_REF_ID"] = "shared"
    two = clip(
        "d", time_range(0, 24, 24.0), reference={"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "shared"}
    )
    found = cut_record(saved(timeline(track(one, two)), tmp_path)).clips
    assert [Path(str(each.media)).name for each in found] == ["gone.mov", "gone.mov"]


@pytest.mark.parametrize("depth", [65, 300, 1_000, 100_000])
def test_deep_nesting_is_refused(tmp_path: Path, depth: int) -> None:
    assert isinstance(refused(nested(depth), tmp_path), TimelineTooLarge)


def test_nesting_that_people_use_is_read(tmp_path: Path) -> None:
    root = track(clip("c", time_range(0, 24, 24.0), url="x.mov"))
    for _ in range(30):
        root = track(stack(root))
    assert len(cut_record(saved(timeline(root), tmp_path)).clips) == 1


def test_deep_metadata_is_refused(tmp_path: Path) -> None:
    deep = json.dumps(timeline()).replace(
        '"metadata": {}', '"metadata": {"a": ' + "[" * 500 + "]" * 500 + "}", 1
    )
    refused(deep, tmp_path)


@pytest.mark.parametrize("schema", ["Clip.99", "Marker.3", "Gap.2", "Track.12345678901234567890"])
def test_newer_schemas_are_named(tmp_path: Path, schema: str) -> None:
    root = timeline(track(clip("c", time_range(0, 24, 24.0))), metadata={"x": {"OTIO_SCHEMA": schema}})
    error = refused(json.dumps(root), tmp_path)
    assert isinstance(error, UnsupportedSchema)
    assert schema in error.sentence


def test_malformed_schemas_are_refused(tmp_path: Path) -> None:
    root = timeline(track(clip("c", time_range(0, 24, 24.0))), metadata={"x": {"OTIO_SCHEMA": "Clip"}})
    assert "malformed schema" in refused(json.dumps(root), tmp_path).sentence


def test_too_large_files_are_not_even_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foley_plugin.timeline.document.MAX_FILE_BYTES", 1000)
    assert isinstance(refused(b" " * 1001, tmp_path), TimelineTooLarge)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "bom.otio"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(timeline(track(gap(24, 24.0)))).encode())
    assert cut_record(path).rate == (24, 1)


def test_names_that_are_no_text_are_shown_with_signs(tmp_path: Path) -> None:
    path = tmp_path / "latin.otio"
    text = json.dumps(timeline(track(clip("caf?", time_range(0, 24, 24.0), url="x.mov"))))
    path.write_bytes(text.encode().replace(b"caf?", b"caf\xe9"))
    cut = cut_record(path)
    assert cut.clips[0].name == "caf\N{REPLACEMENT CHARACTER}"
    assert "not valid text" in cut.notices[0]


def test_lone_surrogates_end_in_a_listing_or_a_sentence(tmp_path: Path) -> None:
    path = saved(timeline(track(clip("a\ud800b", time_range(0, 24, 24.0), url="x\ud800.mov"))), tmp_path)
    try:
        (found,) = read_cut(path).clips
        assert not found.eligible
    except TimelineError as error:
        assert error.sentence.endswith(".")


def test_the_child_answers_like_the_reader(tmp_path: Path) -> None:
    path = saved(timeline(track(clip("c", time_range(0, 24, 24.0), url="x.mov"))), tmp_path, "ä b.otio")
    assert read_cut(path) == cut_record(path)
    with pytest.raises(TimelineNotFound, match="nothing"):
        read_cut(tmp_path / "nothing.otio")
    with pytest.raises(TimelineNotFound):
        read_cut(tmp_path)


def test_plugins_named_in_the_environment_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text("not a manifest")
    monkeypatch.setenv("OTIO_PLUGIN_MANIFEST_PATH", str(manifest))
    monkeypatch.setenv("OTIO_DEFAULT_MEDIA_LINKER", "evil")
    path = saved(timeline(track(clip("c", time_range(0, 24, 24.0), url="x.mov"))), tmp_path)
    assert len(read_cut(path).clips) == 1


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts another program in the child's place: `child("import os; os.abort()")`."""

    def put(program: str) -> None:
        (tmp_path / "stand_in.py").write_text(program)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(client, "CHILD_MODULE", "stand_in")

    return put


def test_a_child_that_hangs_is_killed(tmp_path: Path, child: Any) -> None:
    child("import time\ntime.sleep(600)")
    with pytest.raises(ReaderFailed, match=r"cut\.otio was not finished within 0\.5 seconds"):
        read_cut(tmp_path / "cut.otio", timeout_s=0.5)


@pytest.mark.parametrize("program", ["import os\nos.abort()", "import sys\nsys.exit(3)", "print('{}')", ""])
def test_a_child_that_crashes_ends_in_a_sentence(tmp_path: Path, child: Any, program: str) -> None:
    child(program)
    with pytest.raises(ReaderFailed, match=r"cut\.otio made the timeline reader crash"):
        read_cut(tmp_path / "cut.otio")


@pytest.mark.slow
def test_ten_thousand_clips_are_read_in_time(tmp_path: Path) -> None:
    clips = [
        clip(
            f"c{number}",
            time_range(number, 24, 24.0),
            url=f"{number % 50}.mov",
            available=time_range(0, 10**6, 24.0),
        )
        for number in range(10_000)
    ]
    cut = read_cut(saved(timeline(track(*clips)), tmp_path), timeout_s=120)
    assert len(cut.clips) == 10_000
    assert cut.clips[-1].index == 10_000
