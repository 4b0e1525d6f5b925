"""The preflight names what each import is known to refuse or to lose, and mends it in a copy alone."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import opentimelineio as otio
import pytest
import soundfile

from foley_plugin.nle.targets import TARGETS
from foley_plugin.timeline.errors import WriteRefused
from foley_plugin.timeline.out.export import export_cut
from foley_plugin.timeline.out.records import Exported, ExportOptions
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import timeline_without_foley

from ..building import (
    Json,
    clip,
    dissolve,
    freeze,
    gap,
    images_reference,
    ramp,
    saved,
    stack,
    time,
    time_range,
    timeline,
    track,
    warp,
)
from .cuts import PAL, MadeCut, effect, export, make_cut, make_take

RATE = 25.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeCut:
    """200 frames of movie at 25, whose timecode begins at 02:00:00:00."""
    return make_cut(tmp_path_factory.mktemp("media"), PAL)


@pytest.fixture
def take(tmp_path: Path) -> Placement:
    return make_take(tmp_path, PAL, 10, 30, click_s=Fraction(1, 2))


def shot(made: MadeCut, start: float = 10.0, length: float = 20.0, **more: Any) -> Json:
    available = time_range(made.media_start, 200, RATE)
    fields: Json = {"name": made.movie.name, "url": str(made.movie), "available": available} | more
    name = fields.pop("name")
    return clip(name, time_range(made.media_start + start, length, RATE), **fields)


def cut_of(folder: Path, *clips: Json, name: str = "source.otio") -> Path:
    root = timeline(track(*clips, name="V"), start=time(90_000, RATE), name="Reel")
    return saved(json.loads(json.dumps(root), parse_int=float), folder, name)


def look(source: Path, target: str, *placements: Placement) -> list[Finding]:
    return export(source, source, [*placements], target, only_look=True).findings


def told(findings: list[Finding]) -> list[tuple[str, Mend | None]]:
    return [(found.severity.value, found.mend) for found in findings]


def mend(source: Path, folder: Path, target: str, *placements: Placement) -> tuple[Exported, Any]:
    """Export with every mend, and the written file read by OpenTimelineIO."""
    before = source.read_bytes()
    exported = export(source, folder / "mended.otio", [*placements], target, mend=True)
    assert source.read_bytes() == before
    assert exported.path is not None, exported.findings
    return exported, otio.adapters.read_from_file(exported.path, "otio_json")


def test_a_clean_cut_brings_up_nothing(made: MadeCut, take: Placement, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made), gap(10.0, RATE), shot(made, 60.0))
    for name, target in TARGETS.items():
        expected = [("note", None)] if target.caveat else []
        assert told(look(source, name, take)) == expected, name


MISSING = {"url": "/nowhere/gone.mov", "name": "gone.mov"}


def test_one_missing_file_makes_resolve_refuse_all_of_it(
    made: MadeCut, take: Placement, tmp_path: Path
) -> None:
    source = cut_of(tmp_path, shot(made, **MISSING), shot(made))
    (found,) = look(source, "resolve", take)
    assert (found.severity, found.mend) == (Severity.ERROR, Mend.LEAVE_OUT)
    assert found.clip == "V1:1 gone.mov" and "/nowhere/gone.mov" in found.what
    assert found.alters_the_cut
    exported = export(source, tmp_path / "out.otio", [take], "resolve")
    assert exported.path is None and not (tmp_path / "out.otio").exists()
    exported, cut = mend(source, tmp_path, "resolve", take)
    hole, left = cut.tracks[0]
    assert isinstance(hole, otio.schema.Gap) and hole.source_range.duration.value == 20
    assert left.range_in_parent().start_time.value == 20
    assert exported.mended == ["Clip “gone.mov” (V1:1) is left out, and its place stays empty."]
    assert exported.findings == []


def test_a_single_mend_can_be_chosen(made: MadeCut, take: Placement, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, **MISSING), shot(made), shot(made, **MISSING))
    first, second = look(source, "resolve", take)
    options = ExportOptions(mend=True, anyway=True, mends=[second.mend_choice])
    target = tmp_path / "out.otio"
    exported = export_cut(source, target, [take], target_name="resolve", options=options)
    assert exported.findings == [first]
    assert exported.mended == ["Clip “gone.mov” (V1:3) is left out, and its place stays empty."]
    cut = otio.adapters.read_from_file(str(target))
    kinds = [type(item) for item in cut.tracks[0]]
    assert kinds == [otio.schema.Clip, otio.schema.Clip, otio.schema.Gap]


def test_errors_of_the_cuts_own_clips_can_be_overruled(
    made: MadeCut, take: Placement, tmp_path: Path
) -> None:
    source = cut_of(tmp_path, shot(made, **MISSING))
    exported = export(source, tmp_path / "out.otio", [take], "resolve", anyway=True)
    assert exported.path is not None and exported.findings
    written = json.loads(Path(exported.path).read_text())
    assert written["tracks"]["children"][0] == json.loads(source.read_text())["tracks"]["children"][0]


def test_others_import_a_missing_file_as_offline(made: MadeCut, take: Placement, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, **MISSING))
    (found,) = look(source, "fcp7xml", take)
    assert found.severity is Severity.WARNING and "offline" in found.what
    assert export(source, tmp_path / "out.xml", [take], "fcp7xml").path is not None


def test_a_range_before_the_first_frame_is_cut_to_the_media(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, -8.0, 20.0), shot(made))
    (found,) = look(source, "resolve")
    assert told([found]) == [("error", Mend.TRIM_TO_MEDIA)] and "0.320 s before" in found.what
    _, cut = mend(source, tmp_path, "resolve")
    hole, first, second = cut.tracks[0]
    assert hole.source_range.duration.value == 8
    start, length = first.source_range.start_time.value, first.source_range.duration.value
    assert (start, length) == (made.media_start, 12)
    assert second.range_in_parent().start_time.value == 20


def test_a_range_past_the_end_is_cut_to_the_media(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, 190.0, 30.0), shot(made))
    (found,) = look(source, "plain")
    assert told([found]) == [("warning", Mend.TRIM_TO_MEDIA)] and "0.800 s past" in found.what
    _, cut = mend(source, tmp_path, "plain")
    lengths = [item.source_range.duration.value for item in cut.tracks[0]]
    assert lengths == [10, 20, 20]


@pytest.mark.parametrize("spelling", ["file://{}", "file://localhost{}", "relative"])
def test_resolve_wants_plain_absolute_paths(made: MadeCut, tmp_path: Path, spelling: str) -> None:
    quoted = str(made.movie).replace(" ", "%20").replace("#", "%23").replace("50%.", "50%25.")
    url = spelling.format(quoted)
    if spelling == "relative":
        (tmp_path / "clip.mov").write_bytes(made.movie.read_bytes())
        url = "clip.mov"
    source = cut_of(tmp_path, shot(made, url=url, name=url.rpartition("/")[2]))
    (found,) = look(source, "resolve")
    assert told([found]) == [("error", Mend.PLAIN_PATH)]
    assert look(source, "fcp7xml") == []
    _, cut = mend(source, tmp_path, "resolve")
    (read,) = cut.tracks[0]
    expected = tmp_path / "clip.mov" if spelling == "relative" else made.movie
    assert read.media_reference.target_url == str(expected)


def test_a_percent_sign_that_looks_like_an_encoding_is_named(
    made: MadeCut, take: Placement, tmp_path: Path
) -> None:
    odd = tmp_path / "shot%20one.mov"
    odd.write_bytes(made.movie.read_bytes())
    source = cut_of(tmp_path, shot(made, url=str(odd), name=odd.name))
    (found,) = look(source, "resolve", take)
    assert told([found]) == [("error", None)] and "%20" in found.what


def test_names_get_their_suffix(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, name="Hammer close-up"))
    (found,) = look(source, "resolve")
    assert told([found]) == [("warning", Mend.ADD_SUFFIX)]
    _, cut = mend(source, tmp_path, "resolve")
    (read,) = cut.tracks[0]
    assert read.name == read.media_reference.name == made.movie.name


RETIMES = {
    "slow": warp(0.5),
    "fast": warp(2.0),
    "reverse": warp(-1.0),
    "freeze": freeze(),
    "ramp": ramp([[0.0, 0.0], [1.0, 2.0]]),
}


@pytest.mark.parametrize(
    ("target", "lost"),
    [
        ("resolve", {"fast", "reverse", "ramp"}),
        ("premiere", {"slow", "fast", "reverse", "ramp"}),
        ("plain", set()),
        ("fcp7xml", {"freeze", "ramp"}),
        ("fcpxml", {"ramp"}),
        ("otioz", set()),
        ("aaf", {"slow", "fast", "reverse", "freeze", "ramp"}),
    ],
)
def test_each_target_names_the_retimes_that_it_loses(
    made: MadeCut, tmp_path: Path, target: str, lost: set[str]
) -> None:
    found = set()
    for name, retime in RETIMES.items():
        source = cut_of(tmp_path, shot(made, 60.0, effects=[retime]), name=f"{name}.otio")
        if any(each.severity is Severity.WARNING for each in look(source, target)):
            found.add(name)
    assert found == lost


def test_titles_nests_transitions_and_effects_are_named(made: MadeCut, tmp_path: Path) -> None:
    title = clip("Opening", time_range(0.0, 10.0, RATE))
    wipe = dissolve(2.0, 2.0, RATE) | {"transition_type": "Custom_Transition", "name": "Star Wipe"}
    source = cut_of(
        tmp_path,
        title,
        stack(track(shot(made)), name="Chase"),
        shot(made),
        wipe,
        shot(made, 60.0, effects=[effect("Glow")]),
    )
    words = " ".join(found.what for found in look(source, "fcp7xml"))
    assert "“Opening” (V1:1) is left out" in words
    assert "The nest “Chase” on V1 is laid out as the clips in it" in words
    assert "“Star Wipe” into “shot #1 50%.mov” (V1:4) becomes a cross dissolve" in words
    assert "(V1:4) comes without its effects" in words
    (found,) = look(source, "resolve")
    assert told([found]) == [("error", Mend.LEAVE_OUT)] and "script" in found.what
    assert look(source, "plain") == []


def test_whole_numbers_are_written_with_a_point(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made))
    root = json.loads(source.read_text())
    root["global_start_time"]["rate"] = 25
    source.write_text(json.dumps(root))
    (found,) = look(source, "resolve")
    assert told([found]) == [("error", Mend.DECIMAL_POINTS)]
    exported, _ = mend(source, tmp_path, "resolve")
    assert '"rate": 25.0' in Path(exported.path or "").read_text()
    assert '"rate": 25,' not in Path(exported.path or "").read_text()


def test_a_clip_that_loses_its_partner_is_unlinked(made: MadeCut, tmp_path: Path) -> None:
    linked = {"Resolve_OTIO": {"Link Group ID": 7.0}}
    gone = shot(made, **MISSING, metadata=dict(linked))
    root = timeline(track(gone), track(shot(made, metadata=dict(linked)), name="V2"), start=time(0.0, RATE))
    source = saved(json.loads(json.dumps(root), parse_int=float), tmp_path, "linked.otio")
    assert told(look(source, "resolve")) == [("error", Mend.LEAVE_OUT)]
    exported, cut = mend(source, tmp_path, "resolve")
    assert exported.mended[-1].endswith("is linked to nothing.")
    (left,) = cut.find_clips()
    assert "Link Group ID" not in left.metadata["Resolve_OTIO"]


def test_takes_that_disagree_with_their_files_are_mended(
    made: MadeCut, take: Placement, tmp_path: Path
) -> None:
    source = cut_of(tmp_path, shot(made))
    wrong = [
        msgspec.structs.replace(take, num_channels=2),
        msgspec.structs.replace(take, wav_frames=99, duration_frames=80),
        msgspec.structs.replace(take, wav=str(tmp_path / "gone.wav")),
    ]
    findings = look(source, "plain", *wrong)
    assert told(findings) == [
        ("error", Mend.TAKE_CHANNELS),
        ("error", Mend.TRIM_TAKE),
        ("error", Mend.LEAVE_OUT_TAKE),
    ]
    assert not any(found.alters_the_cut for found in findings)
    assert export(source, tmp_path / "out.otio", wrong, "plain", anyway=True).path is None
    exported, cut = mend(source, tmp_path, "plain", *wrong)
    read = [each for foley in cut.audio_tracks() for each in foley.find_clips()]
    available = soundfile.info(take.wav).frames * 25 // 48_000
    assert [each.media_reference.available_range.duration.value for each in read] == [54, available]
    assert [each.source_range.duration.value for each in read] == [30, available - take.head_frames]
    assert len(exported.mended) == 3


def test_mends_touch_nothing_that_was_not_asked_for(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made, name="one"), shot(made, 60.0), gap(5.0, RATE))
    exported, _ = mend(source, tmp_path, "resolve")
    before = json.loads(source.read_text())["tracks"]["children"][0]["children"]
    after = json.loads(Path(exported.path or "").read_text())["tracks"]["children"][0]["children"]
    assert after[1:] == before[1:] and after[0] != before[0]


def test_unknown_targets_and_wrong_suffixes_are_refused(made: MadeCut, tmp_path: Path) -> None:
    source = cut_of(tmp_path, shot(made))
    with pytest.raises(WriteRefused, match="choose one of resolve, premiere, plain, fcp7xml"):
        export(source, tmp_path / "out.otio", [], "moviola")
    with pytest.raises(WriteRefused, match=r"end it in \.xml"):
        export(source, tmp_path / "out.otio", [], "fcp7xml")


def relative_cut(made: MadeCut, folder: Path) -> Path:
    """A movie and an image sequence, both named from the timeline's own folder."""
    (folder / "media").mkdir()
    (folder / "media" / "r.mov").write_bytes(made.movie.read_bytes())
    images = images_reference("media/images", RATE, time_range(0.0, 50.0, RATE))
    (folder / "foley").mkdir()
    sequence = clip("images", time_range(0.0, 20.0, RATE), reference=images)
    movie = shot(made, url="media/r.mov", name="r.mov")
    return saved(timeline(track(movie, sequence), start=time(0.0, RATE)), folder, "source.otio")


RELATIVE = ("warning", Mend.PLAIN_PATH)


def warnings_of(findings: list[Finding]) -> list[tuple[str, Mend | None]]:
    return [each for each in told(findings) if each[0] == "warning"]


@pytest.mark.parametrize("target", ["plain", "premiere"])
def test_relative_paths_are_named_where_the_file_goes_into_another_folder(
    made: MadeCut, take: Placement, tmp_path: Path, target: str
) -> None:
    source = relative_cut(made, tmp_path)
    exported = export(source, tmp_path / "foley" / "out.otio", [take], target)
    assert warnings_of(exported.findings) == [RELATIVE, RELATIVE]
    assert "relative path media/r.mov" in exported.findings[0].what
    written = json.loads(Path(exported.path or "").read_text())
    assert timeline_without_foley(written) == json.loads(source.read_text())
    beside = export(source, tmp_path / "beside.otio", [take], target)
    assert warnings_of(beside.findings) == []


def test_relative_paths_are_made_absolute_where_that_is_wanted(made: MadeCut, tmp_path: Path) -> None:
    source = relative_cut(made, tmp_path)
    exported, cut = mend(source, tmp_path / "foley", "plain")
    movie, images = cut.tracks[0]
    assert movie.media_reference.target_url == str(tmp_path / "media" / "r.mov")
    first = images.media_reference.target_url_for_image_number(0)
    assert first == str(tmp_path / "media" / "images" / "a.0001.png")
    assert warnings_of(exported.findings) == []
    assert cut_record(Path(exported.path or "")).clips[0].eligible


def test_a_look_before_a_folder_is_chosen_mentions_relative_paths(made: MadeCut, tmp_path: Path) -> None:
    source = relative_cut(made, tmp_path)
    assert told(look(source, "plain")) == [("note", Mend.PLAIN_PATH)] * 2


def test_a_bundle_without_the_cuts_media_names_relative_paths(
    made: MadeCut, take: Placement, tmp_path: Path
) -> None:
    source = relative_cut(made, tmp_path)
    assert warnings_of(export(source, tmp_path / "a.otioz", [take], "otioz").findings) == [RELATIVE] * 2
    with_media = export(source, tmp_path / "b.otioz", [take], "otioz", bundle_media=True)
    assert RELATIVE not in told(with_media.findings[:1])


def test_a_clip_whose_length_nobody_knows_is_not_left_out_for_a_gap(made: MadeCut, tmp_path: Path) -> None:
    room = clip("gone.wav", None, url="/nowhere/gone.wav")
    root = timeline(track(shot(made)), track(room, kind="Audio"), start=time(0.0, RATE))
    source = saved(json.loads(json.dumps(root), parse_int=float), tmp_path, "unknown.otio")
    assert told(look(source, "resolve")) == [("error", None)]
    exported = export(source, tmp_path / "out.otio", [], "resolve", mend=True, anyway=True)
    assert exported.path is not None
