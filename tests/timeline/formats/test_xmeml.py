"""FCP7 XML: what the adapter reads, and what it loses and is put in force after it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from engine.protocol import fraction
from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.document import read_document
from foley_plugin.timeline.errors import TimelineError, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats import xmeml as xmeml_format
from foley_plugin.timeline.formats.parts import stack_json, timeline_json
from foley_plugin.timeline.formats.xmeml_mending import mended
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord, Reading
from foley_plugin.timeline.write import write_cut

from .cuts import NTSC_24, clipitem, time_remap, written, xmeml, xmeml_file, xmeml_of

F = Fraction
FRAME = F(1001, 24000)
FIRST = xmeml_file(1)


def read(text: str, folder: Path, reading: Reading | None = None) -> CutRecord:
    return cut_record(written(folder, "cut.xml", text), reading=reading or Reading())


def edges_frames(clip: ClipRecord) -> tuple[Fraction, ...]:
    edges = (clip.record_in, clip.record_out, clip.source_in, clip.source_out)
    return tuple(fraction(edge) / FRAME for edge in edges)


def test_ntsc_rates_and_media_timecode_are_exact(tmp_path: Path) -> None:
    timecode = f"<timecode>{NTSC_24}<string>01:00:00:00</string><frame>86400</frame></timecode>"
    text = xmeml(clipitem("a", 12, 36, 48, file=FIRST) + clipitem("b", 40, 64, 100), timecode=timecode)
    cut = read(text, tmp_path)
    assert cut.rate == (24000, 1001)
    assert fraction(cut.start) == 86400 * FRAME
    assert [edges_frames(each) for each in cut.clips] == [(12, 36, 48, 72), (40, 64, 100, 124)]
    assert [fraction(each.media_in or (0, 1)) for each in cut.clips] == [86400 * FRAME] * 2
    assert {each.media for each in cut.clips} == {"/m/a.mov"}


@pytest.mark.parametrize(
    ("parameters", "first", "note", "source"),
    [
        ({"speed": "<value>50</value>"}, 48, "50 %", (24, 36)),
        ({"speed": "<value>200</value>"}, 24, "200 %", (48, 96)),
        ({"speed": "<value>100</value>", "reverse": "<value>TRUE</value>"}, 100, "reversed", (376, 400)),
        (
            {"speed": "<value>-50</value>", "reverse": "<value>TRUE</value>"},
            100,
            "reversed, 50 %",
            (438, 450),
        ),
        ({"speed": "<value>100</value>"}, 10, None, (10, 34)),
    ],
)
def test_speeds(
    tmp_path: Path, parameters: dict[str, str], first: int, note: str | None, source: tuple[int, int]
) -> None:
    """The in-point counts in the retimed media, whose last frame is the first of a reversed clip."""
    item = clipitem("a", 0, 24, first, file=FIRST, more=time_remap(**parameters))
    (found,) = read(xmeml(item), tmp_path).clips
    assert found.speed_note == note
    assert edges_frames(found) == (0, 24, *source)


def test_a_ramp(tmp_path: Path) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
        for when, value in ((0, 0), (48, 24), (96, 120))
    )
    more = time_remap(variablespeed="<value>1</value>", speed="<value>100</value>", graphdict=keys)
    (found,) = read(xmeml(clipitem("a", 0, 96, 0, file=FIRST, more=more)), tmp_path).clips
    assert found.speed_note == "speed ramp"
    spans = [(fraction(span.duration), fraction(span.speed)) for span in found.spans]
    assert [speed.limit_denominator(100) for _, speed in spans] == [F(1, 2), 2]


def test_a_speed_that_is_no_number_is_told(tmp_path: Path) -> None:
    more = time_remap(speed="<value>fast</value>")
    cut = read(xmeml(clipitem("a", 0, 24, 0, file=FIRST, more=more)), tmp_path)
    assert cut.notices == ["The speed change of “a” cannot be read; it is taken to play at normal speed."]


def test_a_disabled_clip_and_a_disabled_track(tmp_path: Path) -> None:
    disabled = clipitem("a", 0, 24, 0, file=FIRST).replace("<enabled>TRUE", "<enabled>FALSE")
    cut = read(xmeml(disabled, clipitem("b", 0, 24, 0) + "<enabled>FALSE</enabled>"), tmp_path)
    assert [(each.name, each.enabled) for each in cut.clips] == [("a", False), ("b", False)]
    assert [track.enabled for track in cut.tracks] == [True, False]


def nested(inner: str) -> str:
    """A sequence of 48 frames in the timeline's middle, its own clips `inner`."""
    sequence = (
        f'<sequence id="sequence-2"><name>Fight</name>{NTSC_24}<media><video><track>{inner}</track></video>'
        "</media></sequence>"
    )
    return xmeml(clipitem("Fight", 24, 48, 12, file=sequence))


def test_a_nested_sequence_keeps_its_clips(tmp_path: Path) -> None:
    inner = clipitem("punch", 0, 24, 0, file=FIRST) + clipitem("fall", 24, 48, 200)
    punch, fall = read(nested(inner), tmp_path).clips
    assert (punch.nest, fall.nest) == ("Fight", "Fight")
    assert edges_frames(punch) == (24, 36, 12, 24)
    assert edges_frames(fall) == (36, 48, 200, 212)


def test_a_nest_that_stands_elsewhere_is_found(tmp_path: Path) -> None:
    stub = '<sequence id="sequence-2"/>'
    full = (
        f'<sequence id="sequence-2"><name>Fight</name>{NTSC_24}<media><video><track>'
        f"{clipitem('punch', 0, 24, 0, file=FIRST)}</track></video></media></sequence>"
    )
    text = xmeml(clipitem("Fight", 0, 24, 0, file=stub), more=full)
    (found,) = read(text, tmp_path, Reading(sequence="Reel 1")).clips
    assert (found.name, found.nest) == ("punch", "Fight")


def test_a_dissolve_without_clip_edges(tmp_path: Path) -> None:
    """A clip's end of -1 lies at the cut inside its transition."""
    transition = f"""<transitionitem>{NTSC_24}<start>36</start><end>60</end><alignment>center</alignment>
      <effect><name>Cross Dissolve</name></effect></transitionitem>"""
    one = clipitem("one", 0, 48, 0, file=FIRST).replace("<end>48</end>", "<end>-1</end>")
    two = clipitem("two", 48, 96, 88).replace("<start>48</start>", "<start>-1</start>")
    first, second = read(xmeml(one + transition + two), tmp_path).clips
    assert edges_frames(first) == (0, 60, 0, 60)
    assert edges_frames(second) == (36, 96, 88, 148)


def test_a_title_has_no_media(tmp_path: Path) -> None:
    file = "<file><name>Title</name><mediaSource>GraphicAndType</mediaSource></file>"
    (found,) = read(xmeml(clipitem("Title", 0, 24, 0, file=file)), tmp_path).clips
    assert found.kind == "title"


def test_a_clip_without_a_file_is_missing_not_fatal(tmp_path: Path) -> None:
    (found,) = read(xmeml(clipitem("x", 0, 24, 0, file="")), tmp_path).clips
    assert found.reason is not None and "no media" in found.reason


@pytest.mark.parametrize(
    ("timebase", "ntsc", "rate"), [(24, "FALSE", (24, 1)), (30, "TRUE", (30000, 1001)), (25, "", (25, 1))]
)
def test_a_sequence_without_a_timecode_keeps_its_rate(
    tmp_path: Path, timebase: int, ntsc: str, rate: tuple[int, int]
) -> None:
    """Its first clip runs at another."""
    own = f"<rate><timebase>{timebase}</timebase>{f'<ntsc>{ntsc}</ntsc>' if ntsc else ''}</rate>"
    fast = "<rate><timebase>60</timebase><ntsc>FALSE</ntsc></rate>"
    item = clipitem("a", 0, 24, 60, file=FIRST).replace(NTSC_24, fast, 1)
    cut = read(xmeml(item).replace(NTSC_24, own, 1), tmp_path)
    assert (cut.rate, fraction(cut.start), cut.drop_frame) == (rate, 0, False)
    assert fraction(cut.clips[0].record_out) == F(24 * rate[1], rate[0])


@pytest.mark.parametrize("timebase", ["soon", "0", "nan", ""])
def test_a_rate_that_is_none_is_not_taken_for_the_start(timebase: str) -> None:
    timeline = timeline_json("x", stack_json("x", []), None, {"fcp_xml": {"rate": {"timebase": timebase}}})
    assert mended(timeline, "cut.xml").root["global_start_time"] is None


def test_drop_frame_is_kept_where_the_start_does_not_tell(tmp_path: Path) -> None:
    rate = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
    timecode = f"<timecode>{rate}<frame>0</frame><displayformat>DF</displayformat></timecode>"
    text = xmeml(clipitem("a", 0, 24, 0, file=FIRST), timecode=timecode).replace(NTSC_24, rate)
    assert read(text, tmp_path).drop_frame


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (clipitem("x", 0, 24, 0, file=FIRST).replace("<in>0</in>", ""), "no usable in point"),
        (
            clipitem("x", 0, 24, 0, file=FIRST).replace("<start>0</start>", "<start>soon</start>"),
            "start point",
        ),
        (clipitem("one", 0, 48, 0, file=FIRST) + clipitem("two", 24, 72, 0), "“two” begins at frame 24"),
        (clipitem("x", 0, 24, 0, file=FIRST).replace("<timebase>24", "<timebase>0"), "“x”"),
        (clipitem("x", -1, 24, 0, file=FIRST), "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, broken: str, what: str) -> None:
    with pytest.raises(TimelineError) as caught:
        read(xmeml(broken), tmp_path)
    assert what in caught.value.sentence and caught.value.sentence.endswith(".")


def test_a_sequence_that_contains_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TimelineUnreadable, match="contains itself"):
        read(nested(clipitem("again", 0, 24, 0, file='<sequence id="sequence-2"/>')), tmp_path)


def test_sequences_nested_sixty_deep_end_in_a_sentence(tmp_path: Path) -> None:
    sequences = "".join(
        f'<sequence id="s{level}"><name>N{level}</name>{NTSC_24}<media><video><track>'
        + clipitem("x", 0, 24, 0, file=f'<sequence id="s{level + 1}"/>')
        + "</track></video></media></sequence>"
        for level in range(60)
    )
    with pytest.raises(TimelineTooLarge, match="nested more than"):
        read(xmeml_of(sequences), tmp_path)


def test_sequences_that_double_at_every_level_are_refused(tmp_path: Path) -> None:
    sequences = "".join(
        f'<sequence id="s{level}"><name>N{level}</name>{NTSC_24}<media><video><track>'
        + clipitem("x", 0, 24, 0, file=f'<sequence id="s{level + 1}"/>')
        + clipitem("x", 24, 48, 0, file=f'<sequence id="s{level + 1}"/>')
        + "</track></video></media></sequence>"
        for level in range(40)
    )
    with pytest.raises(TimelineTooLarge):
        read(xmeml_of(sequences), tmp_path)


def test_a_long_cut_of_few_files_is_read(tmp_path: Path) -> None:
    """A thousand clips name a file of five hundred elements: half a million where each has its own copy."""
    file = FIRST.replace("<media>", f"<labels>{'<label/>' * 480}</labels><media>")
    items = [
        clipitem("a", 0, 2, 0, file=file),
        *(clipitem("b", 2 * at, 2 * at + 2, 0) for at in range(1, 1000)),
    ]
    clips = read(xmeml("".join(items)), tmp_path).clips
    assert len(clips) == 1000 and {each.media for each in clips} == {"/m/a.mov"}


def test_a_rate_is_found_at_once_in_every_track_and_leaves_no_trace(tmp_path: Path) -> None:
    """The adapter asks a track for its rate at each clip, and looks through all its clips where it has none."""
    track = f"<track>{clipitem('a', 0, 24, 0, file=FIRST)}</track>"
    inner = f"<sequence>{NTSC_24}<media><video>{track}</video></media></sequence>"
    text = xmeml(clipitem("a", 0, 24, 0, file=FIRST) + clipitem("nest", 24, 48, 0, file=inner))
    root = fromstring(text)
    for sequence in root.iter("sequence"):
        xmeml_format._put_rate_first(sequence)
    assert [track[0].tag for track in root.iter("track")] == ["rate", "rate"]
    document = read_document(written(tmp_path, "cut.xml", text))
    assert document.root["tracks"]["children"][0]["metadata"] == {}


@pytest.mark.parametrize("order", [1, -1])
def test_a_reel_is_laid_open_in_every_clip_that_shows_it(order: int) -> None:
    """Picture and five channels of sound name one sequence of long file descriptions."""
    file = FIRST.replace("<media>", f"<labels>{'<label/>' * 100}</labels><media>")
    items = [clipitem("a", 2 * at, 2 * at + 2, 0) for at in range(1000)]
    items[0] = clipitem("a", 0, 2, 0, file=file)
    reel = f'<sequence id="reel"><media><video><track>{"".join(items)}</track></video></media></sequence>'
    shown = [reel, *['<sequence id="reel"/>'] * 5][::order]
    root = fromstring(xmeml("".join(clipitem("x", 0, 24, 0, file=each) for each in shown)))
    xmeml_format._Stubs(root, "cut.xml").fill(root)
    assert [len(item.findall(".//label")) for item in root.findall("*//track/clipitem/sequence")] == [
        100_000
    ] * 6
    assert not any(each.get("id") for each in root.iter())


def test_files_that_double_at_every_level_are_refused(tmp_path: Path) -> None:
    files = "".join(
        f'<file id="f{level}"><name>F{level}</name><a><file id="f{level + 1}"/></a>'
        f'<b><file id="f{level + 1}"/></b></file>'
        for level in range(50)
    )
    with pytest.raises(TimelineTooLarge, match="holds too much"):
        read(xmeml(clipitem("x", 0, 24, 0, file='<file id="f0"/>'), more=files), tmp_path)


@pytest.mark.shared
def test_the_premiere_export_is_read_as_its_editor_sees_it(shared: Path) -> None:
    source = shared / "timelines" / "premiere_fcp7_disabled.xml"
    cut = read_cut(source)
    assert (cut.name, cut.rate, cut.format) == ("disabled_test_sequence", (25, 1), "FCP7 XML")
    assert [(each.track, each.index, each.enabled) for each in cut.clips] == [
        ("V1", 1, True),
        ("V1", 2, False),
        ("V1", 3, True),
        ("V1", 4, False),
        ("V2", 1, True),
        ("V3", 1, False),
    ]
    assert [fraction(each.media_in or (0, 1)) * 25 for each in cut.clips[:4]] == [353, 434, 530, 573]
    assert [track.name for track in cut.tracks][:1] == ["base"]


@pytest.mark.shared
def test_a_written_cut_equals_the_converted_one(shared: Path, tmp_path: Path) -> None:
    source = shared / "timelines" / "premiere_fcp7_disabled.xml"
    cut = cut_record(source)
    target = write_cut(source, tmp_path / "out.otio", [], source_sha256=cut.source_sha256)
    assert json.loads(target.read_bytes()) == read_document(source).root
    again = cut_record(target)
    assert [each.record_in for each in again.clips] == [each.record_in for each in cut.clips]
