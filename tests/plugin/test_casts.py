"""Casts, layers and the guide track on the command line, with an engine that is told how to behave."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import Generate, Hit, decode_request, pack_tokens
from foley_plugin.jobs.casts import excerpt_of
from foley_plugin.jobs.errors import CastRefused
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from tests.plugin.ways import FoleyHere, is_one_sentence

NAME = "Anna, boots, gravel"


class Desk:
    """One project and what reached its engine."""

    def __init__(self, foley: FoleyHere, demo: LaidOutDemo, engine: Callable[..., list[str]]) -> None:
        self.folder, self.demo = foley.folder, demo
        self.log = self.folder / "requests.jsonl"
        labels = ["hammer", "cloth", "footstep_wood"]
        self.run = foley.with_engine(engine(request_log=str(self.log), labels=labels))
        self.project = self.folder / "p.foley"

    def __call__(self, command: str, *words: str) -> Any:
        project = () if command == "spot" else ("--project", self.project)
        return self.run(command, self.demo.cut, *words, *project)

    def generate(self, number: int, *words: str) -> Any:
        to = self.folder / f"out_{number}.otio"
        done = self("generate", "--clip", "V1:3", "--to", str(to), *words)
        assert done.returncode == 0, done.stderr
        return done

    def asked(self) -> list[Generate]:
        requests = map(decode_request, self.log.read_bytes().splitlines())
        return [each for each in requests if isinstance(each, Generate)]


@pytest.fixture
def desk(foley_here: FoleyHere, demo: LaidOutDemo, fake_engine: Callable[..., list[str]]) -> Desk:
    return Desk(foley_here, demo, fake_engine)


def test_a_take_is_cast_and_other_cues_go_on_from_it(desk: Desk) -> None:
    desk.generate(1, "--label", "hammer")
    assert desk.asked()[0].cast is None
    done = desk("cast", "1", "--name", f"  {NAME} ")
    assert done.returncode == 0 and NAME in done.stdout
    assert NAME in desk("casts").stdout
    desk.generate(2, "--cast", NAME.upper())
    asked = desk.asked()[1]
    assert asked.cast is not None and asked.label == "hammer"
    assert asked.cast.tokens.num_frames == 100 and asked.cast.tokens.rows[2] == [2] * 100
    assert all(0 <= hit.time_s < 2 for hit in asked.cast.hits)


def test_a_cast_is_known_by_its_name_in_any_case_and_told_when_it_is_replaced(desk: Desk) -> None:
    desk.generate(1, "--label", "hammer")
    desk.generate(2, "--label", "cloth")
    assert "replaced" not in desk("cast", "1", "--name", "Émile  Zola").stdout
    said = desk("cast", "2", "--name", "émile zola").stdout
    assert "émile zola: cloth (replaced “Émile Zola”: hammer)" in said
    with Store.open(desk.project) as store:
        book = store.cast_book
        (saved,) = book.casts()
        assert book.cast(" E\u0301MILE ZOLA") == saved, "composed or not"
        store._db.execute(
            "INSERT INTO casts (name, label, take_id, sound, created_at) "
            "SELECT 'Émile Zola', 'ball', take_id, sound, created_at FROM casts"
        )  # as an earlier version let it
        assert [book.cast(name).label for name in ("Émile Zola", "émile zola")] == ["ball", "cloth"]  # type: ignore[union-attr]
        book.remove("émile zola")
        assert [cast.name for cast in book.casts()] == ["Émile Zola"]


@pytest.mark.parametrize(
    "words", [("cast", "99", "--name", "x"), ("cast", "1", "--name", "  "), ("generate", "--cast", "nobody")]
)
def test_what_cannot_be_cast_is_told_in_one_sentence(desk: Desk, words: tuple[str, ...]) -> None:
    desk.generate(1)
    done = desk(*words)
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr


def test_several_labels_lie_on_layers_and_are_exported_together(desk: Desk) -> None:
    desk.generate(1, "--label", "footstep_wood, cloth")
    assert [each.label for each in desk.asked()] == ["footstep_wood", "cloth"]
    with Store.open(desk.project, read_only=True) as store:
        assert {(cue.label, cue.layer) for cue in store.cues()} >= {("footstep_wood", 0), ("cloth", 1)}
    to = desk.folder / "all.otio"
    done = desk("export", "--to", str(to), "--mend")
    assert done.returncode == 0, done.stderr
    tracks = [track["name"] for track in json.loads(to.read_text())["tracks"]["children"]]
    assert "FOLEY – Footsteps" in tracks and "FOLEY – Cloth" in tracks


def test_a_layer_too_far_up_is_refused_as_usage(desk: Desk) -> None:
    done = desk("generate", "--layer", "99999999999999999999999")
    assert done.returncode == 2 and "--layer" in done.stderr


def test_a_guide_joins_what_is_heard_to_what_is_seen(desk: Desk) -> None:
    """The engine sees hits at 0.5 and 1.25 s and hears onsets at 0.52 and 2.0 s."""
    done = desk("spot", "--clip", "V1:3", "--guide", "--json", "spotted.json")
    assert done.returncode == 0, done.stderr
    (clip,) = json.loads((desk.folder / "spotted.json").read_text())["clips"]
    assert [hit["time_s"] for hit in clip["hits"]] == [0.52, 1.25, 2.0]
    assert clip["origins"] == ["both", "picture", "sound"]
    assert "seen and heard" in done.stdout
    desk.generate(1, "--guide")
    assert [hit.time_s for hit in desk.asked()[0].hits or []] == [0.52, 1.25, 2.0]


def test_the_excerpt_has_most_hits_and_ends_in_a_calm_moment() -> None:
    hits = [Hit(0.5), Hit(4.1), Hit(4.6), Hit(5.1), Hit(5.95), Hit(8.0)]
    cast = excerpt_of(pack_tokens([list(range(500))], 50, ""), hits)
    start_s = cast.tokens.rows[0][0] / 50
    assert cast.tokens.num_frames == 100 and 3.2 <= start_s <= 4.1
    assert [round(hit.time_s + start_s, 6) for hit in cast.hits][:3] == [4.1, 4.6, 5.1]


@given(st.integers(50, 700), st.lists(st.floats(0, 14), max_size=8))
def test_an_excerpt_is_whole_seconds_of_the_take(num_frames: int, times: list[float]) -> None:
    cast = excerpt_of(pack_tokens([list(range(num_frames))], 50, ""), [Hit(time_s) for time_s in times])
    (row,) = cast.tokens.rows
    assert len(row) == (50 if num_frames < 100 else 100) and row == list(range(row[0], row[0] + len(row)))
    assert all(0 <= hit.time_s < len(row) / 50 for hit in cast.hits)


def test_too_short_a_take_is_refused() -> None:
    with pytest.raises(CastRefused, match="too short"):
        excerpt_of(pack_tokens([[0] * 49], 50, ""), [])
