"""`foley redo`, `vary` and `extend` as a user runs them, with an engine that is told how to behave."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.protocol import Generate, Original, decode_request, fraction
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from tests.plugin.ways import FoleyHere, is_one_sentence


class Desk:
    """One take of the third clip, which plays from 01:00:06:16 to 01:00:10:00, and what reached its engine."""

    def __init__(self, foley: FoleyHere, demo: LaidOutDemo, engine: Callable[..., list[str]]) -> None:
        self.folder, self.cut = foley.folder, demo.cut
        self.log = self.folder / "requests.jsonl"
        self.run = foley.with_engine(engine(request_log=str(self.log)))
        self.project = self.folder / "p.foley"

    def __call__(self, command: str, *words: str | Path) -> Any:
        return self.run(command, self.cut, *words, "--project", self.project)

    def generate(self) -> None:
        done = self("generate", "--clip", "V1:3", "--label", "hammer", "--to", self.folder / "out.otio")
        assert done.returncode == 0, done.stderr

    def made(self, command: str, *words: str | Path) -> list[dict[str, Any]]:
        done = self(command, *words, "--json", "made.json")
        assert done.returncode == 0, done.stderr
        takes: list[dict[str, Any]] = json.loads((self.folder / "made.json").read_text())["takes"]
        return takes

    def asked(self) -> Original:
        requests = [decode_request(line) for line in self.log.read_bytes().splitlines()]
        last = [each for each in requests if isinstance(each, Generate)][-1]
        assert last.original is not None
        return last.original


@pytest.fixture
def desk(foley_here: FoleyHere, demo: LaidOutDemo, fake_engine: Callable[..., list[str]]) -> Desk:
    return Desk(foley_here, demo, fake_engine)


def frames_of(wav: str | Path) -> bytes:
    with wave.open(str(wav)) as file:
        return bytes(file.readframes(file.getnframes()))


def test_a_part_is_redone_and_a_take_varied_each_as_a_new_take_that_is_meant_from_then_on(desk: Desk) -> None:
    desk.generate()
    with Store.open(desk.project) as store:
        (take,) = store.takes()
        first = store.wav_path(take)
        store.cue_book.choose(take.cue_id, take.id)
    (redone,) = desk.made("redo", "1", "--in", "01:00:07:12", "--out", "01:00:08:12")
    ((start, end),) = desk.asked().redo
    # the picture begins a second before the clip
    assert float(fraction(start)) == pytest.approx(1 + 20 * 1001 / 24000, abs=1 / 24)
    assert float(fraction(end) - fraction(start)) == pytest.approx(24 * 1001 / 24000)
    before, after = frames_of(first), frames_of(redone["wav"])
    edge = 3 * round(fraction(start) * 48000)
    assert redone["wav"] != str(first) and after[:edge] == before[:edge] and len(after) == len(before)
    varied = desk.made("vary", Path(redone["wav"]).name, "--takes", "2", "--keep", "3")
    assert len(varied) == 2 and desk.asked().kept_codebooks == 3
    assert desk.asked().wav == redone["wav"]
    with Store.open(desk.project, read_only=True) as store:
        assert store.cue_book.chosen() == {} and len(store.takes()) == 4
    done = desk("extend", "1")
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr


def test_a_clip_that_became_longer_is_drawn_on(desk: Desk) -> None:
    """First the cut has the clip without its last 30 frames."""
    whole = json.loads(desk.cut.read_text())
    shorter = json.loads(desk.cut.read_text())
    (video,) = [track for track in shorter["tracks"]["children"] if track["kind"] == "Video"]
    video["children"][2]["source_range"]["duration"]["value"] -= 30
    desk.cut.write_text(json.dumps(shorter))
    desk.generate()
    desk.cut.write_text(json.dumps(whole))
    (longer,) = desk.made("extend", "1")
    asked = desk.asked()
    assert fraction(asked.start) == 0 and asked.redo == []
    before, after = frames_of(asked.wav), frames_of(longer["wav"])
    assert after[: len(before)] == before
    assert len(after) - len(before) == pytest.approx(3 * 48000 * 30 * 1001 / 24000, abs=9)
