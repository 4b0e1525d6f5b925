"""The script in Resolve's menu against a Resolve that keeps to its API: out to the panel, and the takes back."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import json
import sys
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.protocol import rational
from foley_plugin.services.hand_back import keep_hand_back
from foley_plugin.services.installing.resolve import SCRIPT, planned_files
from foley_plugin.timeline.records import CutRecord, Placement
from tests.fakes.resolve import Project, Resolve, Timeline
from tests.plugin.ways import FoleyHere, cut_of, film

FakeEngine = Callable[..., list[str]]

RATES = {
    "24": (Fraction(24), 24.0, "24", 0),
    "23.976": (Fraction(24000, 1001), 23.976, "23.976", 86400),
    "25": (Fraction(25), 25.0, "25", 90000),
    "29.97 DF": (Fraction(30000, 1001), 29.97, "29.97 DF", 107892),
    "59.94": (Fraction(60000, 1001), 59.94, "59.94", 215784),
}
"""Exact, as written, as Resolve's setting tells it, and the first frame: 01:00:00:00 and 01:00:00;00."""

OFF_BY_MS = 2.0
"""A head of 1.001 s is 24.024 frames of a WAV; Resolve takes whole ones."""

PANEL = "import json, sys; open(sys.argv[1], 'w').write(json.dumps(sys.argv[2:]))"


class Studio:
    """A Resolve with one timeline and the script of each menu entry, as installed."""

    def __init__(self, folder: Path, rate_name: str, foley: FoleyHere, engine: list[str]) -> None:
        self.folder, self._foley, self._engine = folder, foley, engine
        self.rate, written, setting, start_frame = RATES[rate_name]
        document = cut_of(folder / "shot.mov", written, start_frame=start_frame)
        self.timeline = Timeline("Scene 4 – kitchen", self.rate, start_frame, setting, document)
        self.project = Project("Short film")
        self.project.timelines.append(self.timeline)
        self.project.current = self.timeline
        self.hand_over = folder / "hand over"
        self.opened = folder / "opened.json"
        command = [sys.executable, "-c", PANEL, str(self.opened)]
        self.shown: list[str] = []
        self.scripts = {
            file.path.stem: self._loaded(file.path.stem, file.content)
            for file in planned_files(folder, command, self.hand_over)
        }

    def run(self, entry: str) -> bool:
        script = self.scripts[entry]
        return bool(script.run(script.ACTION))

    def exports(self) -> list[Path]:
        return sorted((self.hand_over / "Short-film").glob("*_[0-9][0-9][0-9].otio"))

    def export_in_panel(self) -> None:
        """What the panel's export does, by the command line."""
        film(self.folder, self.rate)
        done = self._foley("generate", self.exports()[-1], "--label", "hammer", engine=self._engine)
        assert done.returncode == 0, done.stderr

    def export_quickly(self, numbers: tuple[int, int] = (1, 2), head_frames: int = 24) -> None:
        """The same without an engine: silent takes, written by hand."""
        source = self.exports()[-1]
        project = source.with_suffix(".foley")
        wavs = [write_silence(project / "takes" / f"take_{number}.wav") for number in numbers]
        url = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": str(wavs[0])}
        written = source.with_name(f"{source.stem}_foley.otio")
        clips = [{"OTIO_SCHEMA": "Clip.2", "media_references": {"DEFAULT_MEDIA": url}}]
        written.write_text(json.dumps({"tracks": {"children": [{"children": clips}]}}), encoding="utf-8")
        cut = CutRecord(
            str(source), "cut", rational(self.rate), (0, 1), False, (80, 24), [], [], [], "0" * 64
        )
        placements = [
            Placement(str(wav), frame, 30, head_frames, 78, 1, "Foley", {"label": "hammer"})
            for wav, frame in zip(wavs, (0, 50), strict=True)
        ]
        assert keep_hand_back(project, cut, written, placements) is not None

    def _loaded(self, name: str, content: bytes) -> ModuleType:
        spec = importlib.util.spec_from_loader(f"menu_{name}", loader=None)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__dict__["resolve"] = Resolve(self.project)
        exec(compile(content, name, "exec"), module.__dict__)
        module.__dict__["show"] = lambda path: self.shown.append(
            Path(path).read_text(encoding="utf-8").strip()
        )
        return module


@pytest.fixture
def studio(tmp_path: Path, fake_engine: FakeEngine, foley_here: FoleyHere) -> Callable[[str], Studio]:
    engine = fake_engine(spotted=[0.5, 1.0])
    return lambda rate_name="24": Studio(tmp_path, rate_name, foley_here, engine)


def write_silence(path: Path, duration_s: float = 3.25) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(48_000)
        file.writeframes(bytes(3 * round(duration_s * 48_000)))
    return path


def new_tracks(studio: Studio) -> list[Any]:
    return studio.timeline.audio[1:]


def heard_s(studio: Studio, item: Any) -> list[Fraction]:
    """When the clicks of an item are heard, seconds from the timeline's start."""
    with wave.open(item.GetMediaPoolItem().GetClipProperty("File Path")) as file:
        rate = file.getframerate()
        raw = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3)
    loud = np.flatnonzero(raw.any(axis=1))
    firsts = [int(loud[0]), *(int(b) for a, b in itertools.pairwise(loud) if b - a > rate // 10)]
    start_s = Fraction(item.GetStart() - studio.timeline.GetStartFrame()) / studio.rate
    end_s = start_s + Fraction(item.GetDuration()) / studio.rate
    heard = [start_s + Fraction(first, rate) - item.source_start_s for first in firsts]
    return [each for each in heard if start_s <= each < end_s]


def test_the_script_is_for_old_pythons_and_needs_nothing() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


def test_the_menu_entry_exports_and_opens_the_panel(studio: Callable[..., Studio]) -> None:
    there = studio()
    assert there.run("Foley") and there.run("Foley")
    assert [path.name for path in there.exports()] == ["Scene-4-kitchen_001.otio", "Scene-4-kitchen_002.otio"]
    assert json.loads(there.opened.read_text()) == ["panel", str(there.exports()[-1])]
    assert json.loads(there.exports()[0].read_text())["OTIO_SCHEMA"] == "Timeline.1"
    assert there.shown == []


@pytest.mark.parametrize("rate_name", ["23.976", "25", "29.97 DF"])
def test_takes_come_back_where_they_belong(studio: Callable[..., Studio], rate_name: str) -> None:
    there = studio(rate_name)
    assert there.run("Foley")
    there.export_in_panel()
    assert there.run("Foley - Bring back takes"), there.shown
    assert [(track.name, track.subtype) for track in new_tracks(there)] == [
        ("FOLEY – Impacts", "mono"),
        ("FOLEY – Impacts 2", "mono"),
    ]
    items = sorted((item for t in new_tracks(there) for item in t.items), key=lambda item: item.GetStart())
    start_frame = there.timeline.GetStartFrame()
    assert [item.GetStart() - start_frame for item in items] == [0, 50]
    for item, clip_start in zip(items, (0, 50), strict=True):
        clicks = heard_s(there, item)
        wanted = [Fraction(clip_start) / there.rate + Fraction(1, 2)]
        if Fraction(30) / there.rate > 1:
            wanted.append(wanted[0] + Fraction(1, 2))
        off_ms = [abs(float(a - b)) * 1000 for a, b in zip(clicks, wanted, strict=False)]
        assert len(off_ms) >= 1 and max(off_ms) < OFF_BY_MS
    assert there.timeline.audio[0].items == []
    pool = there.project.GetMediaPool()
    assert pool.GetCurrentFolder() is pool.GetRootFolder()


def test_bringing_back_twice_lays_nothing_twice(
    studio: Callable[..., Studio], capsys: pytest.CaptureFixture[str]
) -> None:
    there = studio()
    there.run("Foley")
    there.export_quickly()
    assert there.run("Foley - Bring back takes")
    tracks = len(there.timeline.audio)
    assert there.run("Foley - Bring back takes")
    assert len(there.timeline.audio) == tracks and "already" in capsys.readouterr().out
    (bin_,) = there.project.GetMediaPool().GetRootFolder().GetSubFolderList()
    assert len(bin_.GetClipList()) == 2


def test_takes_of_an_earlier_export_that_still_sound_are_told(
    studio: Callable[..., Studio], capsys: pytest.CaptureFixture[str]
) -> None:
    there = studio()
    there.run("Foley")
    there.export_quickly()
    assert there.run("Foley - Bring back takes")
    assert "older" not in capsys.readouterr().out
    there.export_quickly((1, 3))
    assert there.run("Foley - Bring back takes")
    told = capsys.readouterr().out
    assert "1 take on 1 new track" in told and "1 older take of Foley still sounds" in told
    assert [len(track.items) for track in new_tracks(there)] == [2, 1]


def test_a_shift_that_can_be_heard_is_told(
    studio: Callable[..., Studio], capsys: pytest.CaptureFixture[str]
) -> None:
    there = studio("25")
    there.run("Foley")
    there.export_quickly(head_frames=12)
    assert there.run("Foley - Bring back takes")
    assert "20 ms early" in capsys.readouterr().out, "12 frames at 25 are 11.52 at 24"


def test_a_resolve_before_19_is_asked_for_tracks_in_its_own_way(studio: Callable[..., Studio]) -> None:
    there = studio()
    there.timeline.is_before_19 = True
    there.run("Foley")
    there.export_quickly()
    assert there.run("Foley - Bring back takes")
    assert [(track.name, track.subtype) for track in new_tracks(there)] == [("Foley", "mono")]


def test_the_written_timeline_is_imported_under_a_free_name(studio: Callable[..., Studio]) -> None:
    there = studio()
    there.run("Foley")
    there.export_quickly()
    assert there.run("Foley - Import as new timeline") and there.run("Foley - Import as new timeline")
    names = [timeline.GetName() for timeline in there.project.timelines]
    assert names == ["Scene 4 – kitchen", "Scene-4-kitchen_001_foley", "Scene-4-kitchen_001_foley 2"]


def break_export(there: Studio) -> None:
    there.timeline.refuses_export = True


def break_timeline(there: Studio) -> None:
    there.project.current = None


def break_tracks(there: Studio) -> None:
    there.timeline.refuses_tracks = True


def break_clips(there: Studio) -> None:
    there.project.GetMediaPool().refuses_clips = True


def break_wavs(there: Studio) -> None:
    for wav in there.hand_over.rglob("*.wav"):
        wav.unlink()


def break_rate(there: Studio) -> None:
    there.timeline._setting = "25"


def break_other_timeline(there: Studio) -> None:
    other = Timeline("Scene 5", Fraction(24), 0, "24", {})
    there.project.timelines.append(other)
    there.project.current = other


def break_api(there: Studio) -> None:
    there.project.GetMediaPool().GetRootFolder = None  # type: ignore[method-assign, assignment]


def break_access(there: Studio) -> None:
    for script in there.scripts.values():
        script.__dict__["resolve"] = None


@pytest.mark.parametrize(
    ("spoil", "entry", "words"),
    [
        (break_timeline, "Foley", "no open timeline"),
        (break_export, "Foley", "could not export"),
        (break_access, "Foley", "free edition"),
        (break_tracks, "Foley - Bring back takes", "audio track"),
        (break_clips, "Foley - Bring back takes", "0 of"),
        (break_wavs, "Foley - Bring back takes", "gone"),
        (break_rate, "Foley - Bring back takes", "24.000"),
        (break_other_timeline, "Foley - Bring back takes", "Scene 4"),
        (break_api, "Foley - Bring back takes", "unexpected"),
        (break_wavs, "Foley - Import as new timeline", "refused"),
    ],
)
def test_trouble_in_resolve_is_one_sentence_in_a_file_that_opens(
    studio: Callable[..., Studio],
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Studio], None],
    entry: str,
    words: str,
) -> None:
    there = studio()
    if entry != "Foley":
        assert there.run("Foley")
        there.export_quickly()
    spoil(there)
    assert not there.run(entry)
    (sentence,) = there.shown
    assert words in sentence and sentence.endswith(".") and "\n" not in sentence
    assert f"Foley: {sentence}" in capsys.readouterr().out
    assert len(there.timeline.audio) == 1, "no empty track stays"


def test_nothing_to_bring_back_is_told(studio: Callable[..., Studio]) -> None:
    there = studio()
    assert not there.run("Foley - Bring back takes")
    assert "export in the Foley panel first" in there.shown[0]


def test_a_foley_that_is_gone_or_does_not_start_is_told(studio: Callable[..., Studio]) -> None:
    there = studio()
    script = there.scripts["Foley"]
    script.__dict__["FOLEY_COMMAND"] = [str(there.folder / "gone" / "foley")]
    assert not there.run("Foley") and "install resolve" in there.shown[-1]
    script.__dict__["FOLEY_COMMAND"] = [sys.executable, "-c", "raise SystemExit('There is no screen.')"]
    assert not there.run("Foley") and "There is no screen." in there.shown[-1]


def test_resolves_own_libraries_do_not_reach_the_panel(
    studio: Callable[..., Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = studio()
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/resolve/plugins")
    monkeypatch.setenv("PYTHONHOME", "/opt/resolve/python")
    tell = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps(sorted(os.environ)))"
    there.scripts["Foley"].__dict__["FOLEY_COMMAND"] = [sys.executable, "-c", tell, str(there.opened)]
    assert there.run("Foley")
    assert not {"QT_PLUGIN_PATH", "PYTHONHOME"} & set(json.loads(there.opened.read_text()))


@pytest.mark.parametrize("rate_name", RATES)
@pytest.mark.parametrize("duration", [2, 7, 30, 51, 301])
def test_a_range_never_runs_into_the_next_clip_nor_past_its_file(
    studio: Callable[..., Studio], rate_name: str, duration: int
) -> None:
    source_range = studio(rate_name).scripts["Foley"].source_range
    rate = RATES[rate_name][0]
    for head in (0, 1, 24, 30):
        wav_frames = head + duration + 24
        clip = {"head_frames": head, "duration_frames": duration, "wav_frames": wav_frames}
        first, end, shift_ms = source_range(clip, rate, None)
        assert abs(shift_ms) <= 1000 / 48 + 1e-9
        assert 0 <= first < end <= wav_frames / rate * 24
        assert abs((end - first) / Fraction(24) * rate - duration) <= rate / 48
        room = duration + 2
        first, end, _ = source_range(clip, rate, room)
        assert end - first == 1 or Fraction(end - first, 24) * rate <= room
