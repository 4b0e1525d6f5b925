"""A cut comes back changed: the real command, the fake engine, and OpenTimelineIO to read what is written."""

from __future__ import annotations

import copy
import json
import shutil
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import opentimelineio as otio
import pytest
import soundfile

from engine.protocol import Generate, Hit, decode_request, fraction
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.records import Spotting
from foley_plugin.takes.store import Store
from tests.conftest import FAKE_WORKER
from tests.engine.models import write_tiny_model
from tests.plugin.earlier_projects import take_back
from tests.plugin.test_cli import FakeEngine, Foley, is_one_sentence, read_json
from tests.plugin.ways import FoleyHere

Json = dict[str, Any]
RATE = Fraction(24000, 1001)
LOG = "requests.jsonl"


class Edit:
    """The demo cut in a folder of its own, generated for once, and a second version to change."""

    def __init__(self, folder: Path, demo: LaidOutDemo, foley: Foley | FoleyHere) -> None:
        self.folder, self.demo, self.foley = folder, demo, foley
        self.log = folder / LOG
        self.project = folder / "p"
        self.timeline: Json = json.loads(demo.cut.read_text())
        for clip in self.clips:
            reference = clip["media_references"]["DEFAULT_MEDIA"]
            reference["target_url"] = str(demo.folder / reference["target_url"])
        if not self.project.exists():
            self.save("v1")
            self.run("generate", "v1", "--to", folder / "v1_foley.otio")
            assert len(self.requests()) == 6
            self.log.unlink()

    @property
    def clips(self) -> list[Json]:
        children: list[Json] = self.timeline["tracks"]["children"][0]["children"]
        return children

    def save(self, name: str) -> None:
        (self.folder / f"{name}.otio").write_text(json.dumps(self.timeline))

    def run(self, command: str, name: str, *words: str | Path) -> Any:
        report = self.folder / "report.json"
        json_words = () if command == "slip" else ("--json", report)
        done = self.foley(command, f"{name}.otio", "--project", self.project, *words, *json_words)
        assert done.returncode == 0, done.stderr
        return done.stdout if command == "slip" else read_json(report)

    def requests(self) -> list[Generate]:
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        return [one for line in lines if isinstance(one := decode_request(line), Generate)]

    def states(self, name: str, *words: str | Path) -> list[tuple[str, str]]:
        return [(cue["clip"], cue["text"]) for cue in self.run("conform", name, *words)["cues"]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory, demo: LaidOutDemo) -> Path:
    """A folder with the first version and its project, made once."""
    folder = tmp_path_factory.mktemp("generated")

    script = folder / "script.json"
    script.write_text(json.dumps({"request_log": str(folder / LOG), "spotted": [0.5]}))
    return Edit(folder, demo, Foley(folder, [sys.executable, str(FAKE_WORKER), str(script)])).folder


@pytest.fixture
def edit(generated: Path, demo: LaidOutDemo, foley_here: FoleyHere, fake_engine: FakeEngine) -> Edit:
    folder = foley_here.folder
    shutil.copytree(generated, folder, dirs_exist_ok=True)
    engine = fake_engine(request_log=str(folder / LOG), spotted=[0.5])
    return Edit(folder, demo, foley_here.with_engine(engine))


def trim(clip: Json, head: int, tail: int) -> None:
    span = clip["source_range"]
    speed = next((effect["time_scalar"] for effect in clip["effects"]), 1)
    span["start_time"]["value"] += head * speed
    span["duration"]["value"] -= head + tail


def foley_clips(path: Path) -> Iterator[tuple[Any, Any]]:
    """Clips of our tracks, with their place in the timeline."""
    timeline = otio.adapters.read_from_file(str(path))
    for track in timeline.audio_tracks():
        for clip in track.find_clips():
            yield clip, clip.range_in_parent()


def heard(path: Path) -> numpy.ndarray:
    """What the foley tracks of a timeline play, summed, at 48 kHz."""
    sound = numpy.zeros(48000 * 60)
    for clip, place in foley_clips(path):
        samples, _ = soundfile.read(clip.media_reference.target_url)
        first, at, length = (
            round(Fraction(int(time.value)) / RATE * 48000)
            for time in (clip.source_range.start_time, place.start_time, place.duration)
        )
        assert first + length <= len(samples) + 1
        part = samples[first : first + length]
        sound[at : at + len(part)] += part
    return sound


def clicks_s(sound: numpy.ndarray) -> list[float]:
    """Where the fake engine's clicks begin, seconds."""
    loud = numpy.flatnonzero(numpy.abs(sound) > 0.1)
    starts = [loud[0], *loud[1:][numpy.diff(loud) > 4800]] if len(loud) else []
    return [float(start) / 48000 for start in starts]


def seconds(frames: int) -> float:
    return float(frames / RATE)


def test_only_what_truly_changed_is_made(edit: Edit, tmp_path: Path) -> None:
    hammer, ball, step, drip, door, glass = edit.clips
    trim(hammer, 8, 10)
    first, last = step, copy.deepcopy(step)
    trim(first, 0, 50)
    trim(last, 44, 0)
    other = tmp_path / "other.mov"
    other.write_bytes(Path(door["media_references"]["DEFAULT_MEDIA"]["target_url"]).read_bytes() + b"\0" * 64)
    door["media_references"]["DEFAULT_MEDIA"]["target_url"] = str(other)
    trim(glass, 0, -30)
    edit.clips[:] = [hammer, first, last, drip, door, glass, ball]
    edit.save("v2")

    assert edit.states("v2") == [
        ("workshop_hammer.mov", "trimmed within handles, moved by -8 frames"),
        ("corridor_steps.mov", "split into 2, moved by -102 frames"),
        ("basin_drip.mov", "moved, by -116 frames"),
        ("study_door.mov", "media replaced; stale: needs 3.09 s"),
        ("kitchen_glass.mov", "extended past the handles, moved by -116 frames; stale: needs 0.25 s"),
        ("courtyard_ball.mov", "moved, by +306 frames"),
    ]
    assert edit.requests() == []
    report = edit.run("conform", "v2", "--generate", "--to", tmp_path / "v2_foley.otio")
    made = [Path(request.picture.media).name for request in edit.requests()]
    assert made == ["other.mov", "kitchen_glass.mov"]
    assert [take["clip"] for take in report["made"]] == ["study_door.mov", "kitchen_glass.mov"]

    placed = list(foley_clips(tmp_path / "v2_foley.otio"))
    assert len(placed) == 7
    starts = [0, 58, 58 + 30, 58 + 66, 58 + 66 + 88, 58 + 66 + 88 + 74, 58 + 66 + 88 + 74 + 96]
    assert sorted(place.start_time.value for _, place in placed) == starts
    # A click half a second into each cue: after the trimmed head, in the first part of the split.
    expected = [0.5 - seconds(8), *(seconds(start) + 0.5 for start in (58, 124, 212, 286, 382))]
    assert clicks_s(heard(tmp_path / "v2_foley.otio")) == pytest.approx(expected, abs=1e-4)

    edit.log.unlink()
    assert {text for _, text in edit.states("v2")} == {"kept"}
    edit.run("conform", "v2", "--generate", "--to", tmp_path / "again.otio")
    assert edit.requests() == []
    with Store.open(edit.project, read_only=True) as store:
        assert len(store.takes()) == 8 and all(store.wav_path(take).exists() for take in store.takes())


def test_takes_of_one_model_are_not_renewed_by_another_unasked(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    first, other = (
        fake_engine(request_log=str(foley_here.folder / LOG), model=name) for name in ("first", "other")
    )
    edit = Edit(foley_here.folder, demo, foley_here.with_engine(first))
    trim(edit.clips[0], 0, -60)
    edit.save("v2")
    words = (
        "conform",
        "v2.otio",
        "--project",
        edit.project,
        "--generate",
        "--to",
        tmp_path / "v2_foley.otio",
    )
    refused = edit.foley(*words, engine=other)
    assert refused.returncode == 1 and is_one_sentence(refused.stderr), refused.stderr
    assert "was made by the model first" in refused.stderr and "--model" in refused.stderr
    assert edit.requests() == [] and not (tmp_path / "v2_foley.otio").exists()
    write_tiny_model(tmp_path / "named")
    done = edit.foley(*words, "--model", tmp_path / "named", engine=other)
    assert done.returncode == 0, done.stderr
    assert len(edit.requests()) == 1


def test_a_trim_within_the_handles_generates_nothing_and_what_is_gone_comes_back(
    edit: Edit, tmp_path: Path
) -> None:
    whole = copy.deepcopy(edit.clips)
    trim(edit.clips[0], -20, -20)
    del edit.clips[1]
    edit.save("v2")
    states = edit.states("v2", "--generate", "--to", tmp_path / "v2_foley.otio")
    assert states[0] == ("workshop_hammer.mov", "trimmed within handles, moved by +20 frames")
    assert states[-1] == ("courtyard_ball.mov", "gone; its takes are kept")
    assert edit.requests() == []
    edit.clips[:] = whole
    edit.save("v3")
    assert [text for _, text in edit.states("v3", "--generate", "--to", tmp_path / "v3_foley.otio")][:2] == [
        "trimmed within handles, moved by -20 frames",
        "kept",
    ]
    assert edit.requests() == []
    assert clicks_s(heard(tmp_path / "v3_foley.otio")) == clicks_s(heard(tmp_path / "v1_foley.otio"))


@pytest.mark.parametrize(
    ("slip", "text"),
    [
        (10, "slipped within handles, moved by -10 frames"),
        (30, "slipped past the handles, moved by -30 frames; stale: needs 0.25 s"),
    ],
)
def test_a_clip_that_is_slipped_is_told_as_such(edit: Edit, slip: int, text: str) -> None:
    edit.clips[0]["source_range"]["start_time"]["value"] += slip
    edit.save("v2")
    assert edit.states("v2")[0] == ("workshop_hammer.mov", text)


def test_a_new_clip_gets_each_of_the_labels_on_a_layer_of_its_own(edit: Edit, tmp_path: Path) -> None:
    new = copy.deepcopy(edit.clips[4])
    other = tmp_path / "other.mov"
    other.write_bytes(Path(new["media_references"]["DEFAULT_MEDIA"]["target_url"]).read_bytes() + b"\0" * 64)
    new["media_references"]["DEFAULT_MEDIA"]["target_url"] = str(other)
    edit.clips.append(new)
    edit.save("v2")
    target = tmp_path / "v2_foley.otio"
    done = edit.foley(
        *(
            "conform",
            "v2.otio",
            "--project",
            edit.project,
            "--generate",
            "--label",
            "hammer, clth",
            "--to",
            target,
        )
    )
    assert done.returncode == 1 and is_one_sentence(done.stderr) and "“clth”" in done.stderr
    assert not target.exists()
    with Store.open(edit.project, read_only=True) as store:
        assert len(store.jobs()) == 6, "a mistyped label costs no job"

    report = edit.run("conform", "v2", "--generate", "--label", "hammer, ball", "--to", target)
    assert [request.label for request in edit.requests()] == ["hammer", "ball"]
    assert [take["label"] for take in report["made"]] == ["hammer", "ball"]
    assert len(list(foley_clips(target))) == 8
    with Store.open(edit.project, read_only=True) as store:
        assert [(cue.label, cue.layer) for cue in store.cues()[6:]] == [("hammer", 0), ("ball", 1)]

    edit.log.unlink()
    assert {text for _, text in edit.states("v2")} == {"kept"}
    edit.run("conform", "v2", "--generate", "--label", "hammer, ball")
    assert edit.requests() == []


def test_hits_of_the_same_media_by_hand_are_for_the_first_label_of_a_new_clip(
    edit: Edit, tmp_path: Path
) -> None:
    with Store.open(edit.project) as store:
        store.set_spotting(store.cues()[0].id, Spotting([Hit(1.0, 0.4)], by_hand=True))
    edit.clips.append(copy.deepcopy(edit.clips[0]))
    edit.clips[-1]["effects"] = [
        {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "metadata": {}, "time_scalar": 2.0}
    ]
    edit.clips[-1]["source_range"]["duration"]["value"] /= 2
    edit.save("v2")
    edit.run("conform", "v2", "--generate", "--label", "hammer, ball")
    first, second = edit.requests()
    assert first.hits is not None and [hit.time_s for hit in first.hits] == pytest.approx([0.5])
    assert (second.label, second.hits) == ("ball", None)


def test_hits_set_by_hand_and_the_label_go_with_a_stale_cue(edit: Edit, tmp_path: Path) -> None:
    with Store.open(edit.project) as store:
        cue = store.cues()[0]
        store.set_spotting(cue.id, Spotting([Hit(1.0, 0.4)], by_hand=True))
    edit.clips[0]["effects"] = [
        {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "metadata": {}, "time_scalar": 2.0}
    ]
    edit.clips[0]["source_range"]["duration"]["value"] /= 2
    edit.save("v2")
    assert edit.states("v2")[0] == ("workshop_hammer.mov", "retimed; stale: needs 1.58 s")
    edit.run("conform", "v2", "--generate", "--to", tmp_path / "v2_foley.otio")
    (request,) = edit.requests()
    assert request.hits is not None and [hit.time_s for hit in request.hits] == pytest.approx([0.5])
    assert request.curve is None


def test_a_drawn_curve_is_twice_as_fast_under_a_clip_that_is(edit: Edit) -> None:
    drawn = [number / 1000 for number in range(400)]
    with Store.open(edit.project) as store:
        cue = store.cues()[0]
        assert cue.spotting is not None
        store.set_spotting(cue.id, Spotting(cue.spotting.hits, drawn, curve_by_hand=True))
    edit.clips[0]["effects"] = [
        {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "metadata": {}, "time_scalar": 2.0}
    ]
    edit.clips[0]["source_range"]["duration"]["value"] /= 2
    edit.save("v2")
    edit.run("conform", "v2", "--generate")
    (request,) = edit.requests()
    assert request.hits is None and request.curve is not None
    head = float(fraction(request.head))
    for point in range(30, 150):
        clip_s = point / 50 - head
        assert request.curve[point] == pytest.approx((clip_s * 2 + head) * 50 / 1000, abs=1e-3)


def test_media_that_were_renamed_and_start_timecode_change_nothing(edit: Edit, tmp_path: Path) -> None:
    reference = edit.clips[0]["media_references"]["DEFAULT_MEDIA"]
    moved = tmp_path / "A001.mov"
    moved.write_bytes(Path(reference["target_url"]).read_bytes())
    reference["target_url"] = str(moved)
    edit.clips[0]["name"] = "something else"
    edit.timeline["global_start_time"]["value"] = 172800.0
    edit.save("v2")
    assert {text for _, text in edit.states("v2")} == {"kept"}


@pytest.mark.parametrize(
    ("words", "later_s"),
    [
        pytest.param(("--frames", "5"), 5 / RATE, marks=pytest.mark.minutes),
        (("--ms", "-7.5"), -0.0075),
    ],
)
def test_a_slip_moves_the_sound_and_nothing_else(
    edit: Edit, tmp_path: Path, words: tuple[str, str], later_s: Fraction | float
) -> None:
    with Store.open(edit.project, read_only=True) as store:
        take = store.takes()[0]
        before = store.wav_path(take).read_bytes()
    first, *others = clicks_s(heard(tmp_path / "v1_foley.otio"))
    edit.run("slip", "v1", Path(take.wav).name, *words)
    edit.run("conform", "v1", "--to", tmp_path / "slipped.otio")
    slipped = clicks_s(heard(tmp_path / "slipped.otio"))
    assert slipped == pytest.approx([first + float(later_s), *others], abs=1.5 / 48000)
    with Store.open(edit.project, read_only=True) as store:
        assert store.wav_path(take).read_bytes() == before
    edit.run("slip", "v1", str(take.id), "--frames", "0")
    edit.run("conform", "v1", "--to", tmp_path / "back.otio")
    assert clicks_s(heard(tmp_path / "back.otio")) == [first, *others]
    assert edit.requests() == []


def test_a_take_is_slipped_only_under_a_cut_where_it_lies(edit: Edit) -> None:
    """Nothing else tells how far its handles reach; to undo a slip no cut is needed."""
    edit.run("slip", "v1", "1", "--frames", "2")
    del edit.clips[0]
    edit.save("v2")
    for frames in ("3", "9999", "9223372036854775807"):
        done = edit.foley("slip", "v2.otio", "1", "--frames", frames, "--project", edit.project)
        assert done.returncode == 1 and is_one_sentence(done.stderr) and "nowhere" in done.stderr
    assert {text for _, text in edit.states("v1")} == {"kept"}
    edit.run("slip", "v2", "1", "--frames", "0")


@pytest.mark.minutes
def test_a_slip_between_frames_can_be_exported_at_once(edit: Edit) -> None:
    """It needs a copy of the take, and an export opens its project for reading."""
    edit.run("slip", "v1", "1", "--ms", "-7.5")
    to = edit.folder / "slipped.otio"
    done = edit.foley("export", "v1.otio", "--project", edit.project, "--to", to, "--mend")
    assert done.returncode == 0, done.stderr
    assert to.exists()


def test_what_was_chosen_and_what_was_taken_off_stays_so_in_a_changed_cut(edit: Edit) -> None:
    with Store.open(edit.project) as store:
        first, second = store.takes()[:2]
        store.cue_book.choose(first.cue_id, None)
    trim(edit.clips[0], 8, 0)
    edit.save("v2")
    edit.run("conform", "v2", "--to", edit.folder / "v2_foley.otio")
    written = (edit.folder / "v2_foley.otio").read_text()
    assert Path(first.wav).name not in written and Path(second.wav).name in written
    edit.run("conform", "v2", "--generate", "--to", edit.folder / "v2_again.otio")
    assert edit.requests() == []


@pytest.mark.minutes
def test_a_stale_cue_is_made_with_its_cast(edit: Edit) -> None:
    done = edit.foley("cast", "v1.otio", "1", "--name", "Anna", "--project", edit.project)
    assert done.returncode == 0, done.stderr
    words = ("--clip", "V1:1", "--cast", "Anna", "--to", edit.folder / "cast.otio")
    done = edit.foley("generate", "v1.otio", "--project", edit.project, *words)
    assert done.returncode == 0, done.stderr
    edit.log.unlink()
    edit.clips[0]["source_range"]["start_time"]["value"] += 60
    edit.save("v2")
    edit.run("conform", "v2", "--generate", "--to", edit.folder / "v2_foley.otio")
    asked = edit.requests()
    assert len(asked) == 1 and asked[0].cast is not None


@pytest.mark.parametrize(
    "words",
    [
        ("slip", "v1.otio", "1", "--frames", "30", "--project", "p"),
        ("slip", "v1.otio", "1", "--ms", "-1100", "--project", "p"),
        ("slip", "v1.otio", "no-such-take", "--frames", "1", "--project", "p"),
        ("slip", "v1.otio", "1", "--project", "p"),
        ("slip", "v1.otio", "1", "--ms", "nan", "--project", "p"),
        ("slip", "v1.otio", "1", "--ms=-inf", "--project", "p"),
        ("slip", "v1.otio", "1", "--frames", "9223372036854775807", "--project", "p"),
        ("conform", "v1.otio", "--project", "nowhere"),
        ("conform", "v1.otio", "--project", "p", "--to", "v1.otio"),
    ],
)
def test_what_cannot_be_done_ends_in_one_sentence(edit: Edit, words: tuple[str, ...]) -> None:
    done = edit.foley(*words)
    assert done.returncode == 1
    assert is_one_sentence(done.stderr), done.stderr
    assert not (edit.folder / "nowhere").exists()


def test_a_project_of_version_one_is_matched_by_what_was_asked(edit: Edit) -> None:
    take_back(edit.project, 1)
    trim(edit.clips[0], 8, 0)
    edit.save("v2")
    texts = ["trimmed within handles", *["kept"] * 5]
    assert [text for _, text in edit.states("v2")] == texts
    with Store.open(edit.project) as store:
        sources = store.cue_sources.sources()
        assert len(sources) == 6
        for job in store.jobs():
            asked = json.loads(job.request)
            length = sum((fraction(span.duration) for span in sources[job.cue_id].spans), Fraction(0))
            handles = fraction(tuple(asked["head"])) + fraction(tuple(asked["tail"]))
            assert length == sum(fraction(tuple(s["duration"])) for s in asked["picture"]["spans"]) - handles
    assert [text for _, text in edit.states("v2")] == texts
