"""What a person says of the sound on the command line, and what the engine is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.protocol import Generate, Hit, SamplingWish
from foley_plugin.jobs.generate import Wish, make_job, open_project
from foley_plugin.jobs.hits import read_hits
from foley_plugin.jobs.wishes import wishes_for
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import select
from tests.plugin.ways import Ended, FoleyHere, is_one_sentence

FakeEngine = Callable[..., list[str]]


def generate(foley: FoleyHere, engine: list[str], cut: Path, *words: str) -> Ended:
    places = ("--project", foley.folder / "p", "--to", foley.folder / "o.otio")
    return foley("generate", cut, "--clip", "V1:1", *words, *places, engine=engine)


def test_prompts_and_guidance_reach_the_engine_as_they_were_said(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    words = ("--prompt", "boots on gravel", "--negative-prompt", "music", "--negative-label", "rain")
    engine = fake_engine(labels=["hammer", "rain"])
    done = generate(foley_here, engine, demo.cut, *words, "--label", "hammer", "--guidance", "held")
    assert done.returncode == 0, done.stderr
    with Store.open(tmp_path / "p", read_only=True) as store:
        [job] = store.jobs()
    asked = msgspec.json.decode(job.request, type=Generate)
    assert (asked.prompt, asked.negative_prompt) == ("boots on gravel", "music")
    assert (asked.label, asked.negative_label) == ("hammer", "rain")
    assert asked.sampling == SamplingWish(guide_against="held")


def test_how_it_is_drawn_is_asked_for_where_it_was_said_and_left_to_the_model_where_not(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    words = ("--cfg-scale", "3.5", "--top-k", "100", "--temperature", "0.9", "--drafts", "2")
    for said in ((), words):
        places = ("--project", tmp_path / "p", "--to", tmp_path / f"{len(said)}.otio")
        done = foley_here("generate", demo.cut, "--clip", "V1:1", *said, *places, engine=fake_engine())
        assert done.returncode == 0, done.stderr
    with Store.open(tmp_path / "p", read_only=True) as store:
        asked = [msgspec.json.decode(job.request, type=Generate).sampling for job in store.jobs()]
    assert asked == [SamplingWish(), SamplingWish(3.5, 100, 0.9, drafts=2)]
    for option, value in (("--drafts", "9"), ("--top-k", "0"), ("--temperature", "-1")):
        refused = generate(foley_here, fake_engine(), demo.cut, option, value)
        assert refused.returncode == 2 and option in refused.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--label", "hammer, drum, ball, clth"), "“drum” or “clth”"),
        (("--label", "hammer", "--negative-label", "hamer"), "“hamer”; choose"),
    ],
    ids=["labels", "negative label"],
)
def test_sounds_that_the_model_does_not_know_are_named_before_anything_is_made(
    demo: LaidOutDemo,
    tmp_path: Path,
    foley_here: FoleyHere,
    fake_engine: FakeEngine,
    words: tuple[str, ...],
    told: str,
) -> None:
    done = generate(foley_here, fake_engine(), demo.cut, *words)
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr
    assert told in done.stderr
    assert not (tmp_path / "p").exists() and not (tmp_path / "o.otio").exists()


def test_an_engine_that_does_not_start_is_told_once_where_sounds_are_named(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    engine = fake_engine(fail_to_load="There is no model in this folder.")
    done = generate(foley_here, engine, demo.cut, "--label", "hammer")
    assert (done.returncode, done.stderr.strip()) == (1, "There is no model in this folder.")


def test_nothing_said_is_nothing_asked(cut: CutRecord, project: Path) -> None:
    [selected] = select(cut, clips=["V1:1"])
    with open_project(cut, project) as store:
        request = make_job(store, cut, selected, Wish()).request
    assert (request.prompt, request.negative_prompt, request.negative_label) == (None, None, None)
    assert request.sampling == SamplingWish()


def test_guidance_that_there_is_not_is_refused(
    demo: LaidOutDemo, tmp_path: Path, foley_here: FoleyHere, fake_engine: FakeEngine
) -> None:
    done = generate(foley_here, fake_engine(), demo.cut, "--guidance", "mute")
    assert done.returncode == 2 and "held" in done.stderr


def test_given_hits_join_the_wish_of_each_clip_and_leave_the_rest_of_it(
    cut: CutRecord, tmp_path: Path
) -> None:
    path = tmp_path / "hits.json"
    path.write_text(json.dumps([{"time_s": 0.5, "strength": 1.0}]), encoding="utf-8")
    given = read_hits(path)
    selected = select(cut, clips=["V1:1"])
    wish = Wish(prompt="a knock", takes=2, seed=4)
    [(_, made)] = wishes_for(selected, given, wish)
    assert made == msgspec.structs.replace(wish, hits=[Hit(0.5)], reference_hits=[Hit(0.5)])
    assert wishes_for(selected, None, wish) == [(selected[0], wish)]
