"""Every hazard of OpenTimelineIO and of XML, through the real child: a listing or a sentence, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.errors import (
    BadTime,
    TimelineError,
    TimelineTooLarge,
    TimelineUnreadable,
    UnsupportedSchema,
)

from .building import clip, saved, stack, time_range, timeline, track
from .formats.cuts import FCPXML_RESOURCES, clipitem, written, xmeml, xmeml_file
from .test_hostile import nested

NAN, INFINITE = float("nan"), float("inf")


def shot(start: float = 0, duration: float = 24, rate: float = 24.0) -> Any:
    return clip("hammer", time_range(start, duration, rate), url="x.mov")


def refusal(path: Path) -> TimelineError:
    with pytest.raises(TimelineError) as caught:
        read_cut(path)
    sentence = caught.value.sentence
    assert "\n" not in sentence and sentence.endswith(".")
    assert type(caught.value).__name__ != "ReaderFailed", sentence
    return caught.value


BACK = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "loop"}
REFUSED: dict[str, tuple[Any, type[TimelineError], str]] = {
    "null tracks": (timeline() | {"tracks": None}, TimelineUnreadable, "without tracks"),
    "null children": (timeline(track() | {"children": None}), TimelineUnreadable, "no clip"),
    "a stack that contains itself": (
        timeline(track(stack(track(BACK)) | {"OTIO_REF_ID": "loop"})),
        TimelineUnreadable,
        "contains itself",
    ),
    "a rate of zero": (timeline(track(shot(rate=0.0))), BadTime, "hammer"),
    "a rate that is no number": (timeline(track(shot(rate=NAN))), BadTime, "hammer"),
    "a negative rate": (timeline(track(shot(rate=-24.0))), BadTime, "hammer"),
    "a negative duration": (timeline(track(shot(duration=-24))), BadTime, "hammer"),
    "a duration that is no number": (timeline(track(shot(duration=NAN))), BadTime, "hammer"),
    "an endless duration": (timeline(track(shot(duration=INFINITE))), BadTime, "hammer"),
    "a duration of 1e300": (timeline(track(shot(duration=1e300))), BadTime, "hammer"),
    "an unknown version": (
        timeline(track(shot() | {"OTIO_SCHEMA": "Clip.99"})),
        UnsupportedSchema,
        "Clip.99",
    ),
    "an unknown schema": (timeline(track(shot() | {"OTIO_SCHEMA": "Shot.1"})), UnsupportedSchema, "Shot.1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_takes_opentimelineio_down_is_refused(tmp_path: Path, name: str) -> None:
    root, kind, what = REFUSED[name]
    error = refusal(saved(root, tmp_path))
    assert isinstance(error, kind) and what in error.sentence


def test_nesting_a_hundred_thousand_deep_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(written(tmp_path, "deep.otio", nested(100_000))), TimelineTooLarge)


def test_odd_times_and_names_are_listed(tmp_path: Path) -> None:
    """120 frames a second, a negative start, no length, and a name that is no text."""
    root = timeline(
        track(shot(duration=0), shot(start=-240, rate=120.0), clip("caf?", time_range(0, 1, 24.0)))
    )
    content = b"\xef\xbb\xbf" + json.dumps(root).encode().replace(b"caf?", b"caf\xe9")
    cut = read_cut(written(tmp_path, "cut.otio", content))
    assert [each.name for each in cut.clips] == ["hammer", "caf\N{REPLACEMENT CHARACTER}"]
    assert any("no length" in notice for notice in cut.notices)


FIRST = xmeml_file(1)
ENTITY_CHAIN = "".join(f'<!ENTITY e{n} "&e{n - 1};">' for n in range(1, 200_000))
HOSTILE_XML = {
    "an entity chain": f'<!DOCTYPE xmeml [<!ENTITY e0 "x">{ENTITY_CHAIN}]><xmeml>&e199999;</xmeml>',
    "entities that double": '<!DOCTYPE xmeml [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xmeml>&b;</xmeml>',
    "a file's content": '<!DOCTYPE xmeml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xmeml>&f;</xmeml>',
    "depth": "<xmeml>" + "<a>" * 100_000 + "</a>" * 100_000 + "</xmeml>",
    "an empty root": "<xmeml/>",
    "half a file": xmeml(clipitem("x", 0, 24, 0, file=FIRST))[:600],
    "FCPXML without a project": f"<fcpxml><resources>{FCPXML_RESOURCES}</resources></fcpxml>",
    "another language": "<mlt><producer/></mlt>",
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_hostile_xml_is_refused(tmp_path: Path, name: str) -> None:
    error = refusal(written(tmp_path, "cut.xml", HOSTILE_XML[name]))
    assert "cut.xml" in error.sentence and "root:" not in error.sentence


def test_xml_in_utf_16_is_read(tmp_path: Path) -> None:
    text = xmeml(clipitem("Tür", 0, 24, 0, file=FIRST)).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert read_cut(written(tmp_path, "cut.xml", text.encode("utf-16"))).clips[0].name == "Tür"


def test_a_wrong_suffix_still_opens_and_is_told(tmp_path: Path) -> None:
    cut = read_cut(written(tmp_path, "cut.otio", xmeml(clipitem("a", 0, 24, 0, file=FIRST))))
    assert cut.format == "FCP7 XML" and cut.clips[0].name == "a"
    assert cut.notices == ["cut.otio holds FCP7 XML, whatever its name says, and was read as that."]


def test_a_project_file_is_told_from_a_timeline(tmp_path: Path) -> None:
    assert (
        "export the sequence"
        in refusal(written(tmp_path, "cut.prproj", b"\x1f\x8b\x08" + bytes(50))).sentence
    )


@pytest.mark.minutes
def test_a_hundred_thousand_clips_are_read(tmp_path: Path) -> None:
    clips = [clip(f"c{number}", time_range(number, 24, 24.0), url="x.mov") for number in range(100_000)]
    assert len(read_cut(saved(timeline(track(*clips)), tmp_path), timeout_s=170).clips) == 100_000
