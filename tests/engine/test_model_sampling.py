"""A model draws as its folder says where a request says nothing, and a recipe says what it was."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from msgspec.structs import replace

import engine.pipeline
from engine.checkpoints import CONFIG_FILE
from engine.pipeline import Pipeline, load_model
from engine.protocol import (
    AS_PUBLISHED,
    Event,
    Generate,
    Hit,
    Picture,
    Sampling,
    SamplingWish,
    Span,
    Take,
    decode_request,
    encode,
    rational,
)
from engine.serving import Service
from engine.visual.sight import Sight
from tests.engine.models import write_tiny_model
from tests.engine.test_words_to_takes import Requests
from tests.engine.worker_process import picture_of, write_moving_film

OWN = Sampling(cfg_scale=3.0, top_k=9, temperature=1.1, drafts=2)
PICTURE = Picture("nowhere", [Span(rational(Fraction(3)), (0, 1))])
HITS = [Hit(0.5), Hit(1.5)]


def write_model(folder: Path, sampling: Sampling, **lm_shape: object) -> Path:
    record = write_tiny_model(folder, **lm_shape)
    (folder / CONFIG_FILE).write_bytes(msgspec.json.encode(replace(record, sampling=sampling)))
    return folder


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_moving_film(tmp_path_factory.mktemp("media") / "moving.mp4")


def take_of(service: Service, said: list[Event], media: str, wav: Path, **asked: Any) -> tuple[Take, bytes]:
    second = picture_of(media, Fraction(1))
    request = Generate(1, second, [str(wav)], 48000, label="knock", hits=[Hit(0.4)], seed=3, **asked)
    said.clear()
    service.serve(Requests(request))
    [take] = [event for event in said if isinstance(event, Take)]
    return take, wav.read_bytes()


def test_a_wish_leaves_to_the_model_what_it_does_not_say() -> None:
    assert SamplingWish().over(OWN) == OWN
    assert SamplingWish(top_k=5, guide_against="held").over(OWN) == replace(
        OWN, top_k=5, guide_against="held"
    )
    assert AS_PUBLISHED.over(OWN) == AS_PUBLISHED, "all of it is said"
    assert AS_PUBLISHED.over(OWN).over(OWN) == AS_PUBLISHED


def test_requests_of_earlier_versions_said_all_of_it_and_mean_it_still() -> None:
    whole = Generate(1, PICTURE, [], 16000, sampling=Sampling())
    line = encode(whole)
    assert b'"cfg_scale":2.0,"top_k":64' in line
    read = decode_request(line)
    assert isinstance(read, Generate) and read.sampling.over(OWN) == Sampling()
    nothing = decode_request(encode(Generate(1, PICTURE, [], 16000)))
    assert isinstance(nothing, Generate) and nothing.sampling.over(OWN) == OWN


def test_a_take_is_drawn_as_the_model_says_and_its_recipe_says_so_in_full(media: str, tmp_path: Path) -> None:
    said: list[Event] = []
    service = Service(write_model(tmp_path / "model", OWN), 1, said.append, dtype="float32")
    assert service.ready().sampling == OWN
    unasked, sound = take_of(service, said, media, tmp_path / "a.wav")
    assert unasked.recipe["sampling"] == msgspec.to_builtins(OWN)
    assert take_of(service, said, media, tmp_path / "b.wav", sampling=OWN)[1] == sound
    asked, other = take_of(service, said, media, tmp_path / "c.wav", sampling=SamplingWish(top_k=2))
    assert asked.recipe["sampling"] == msgspec.to_builtins(replace(OWN, top_k=2)) and other != sound
    assert take_of(service, said, media, tmp_path / "d.wav", sampling=Sampling(drafts=1))[1] != sound


def test_a_model_without_a_sync_track_draws_once_and_is_not_judged_by_hits(
    media: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[Sequence[object]] = []
    judge = engine.pipeline.DraftJudge.__call__

    def noting(self: Any, unit: Any, window: Any, drafts: Sequence[Any]) -> Any:
        judged.append(drafts)
        return judge(self, unit, window, drafts)

    monkeypatch.setattr(engine.pipeline.DraftJudge, "__call__", noting)
    drafts = {}
    for name, shape in (("deaf", {"sync": None}), ("hearing", {})):
        said: list[Event] = []
        folder = write_model(tmp_path / name, Sampling(drafts=3), **shape)
        service = Service(folder, 1, said.append, dtype="float32")
        take, _ = take_of(service, said, media, tmp_path / f"{name}.wav")
        drafts[name] = take.recipe["sampling"]["drafts"], sum(map(len, judged))  # type: ignore[index]
        assert msgspec.to_builtins(service.ready().sampling) == take.recipe["sampling"]
        judged.clear()
    assert drafts["deaf"] == (1, 0)
    assert drafts["hearing"][0] == 3 and drafts["hearing"][1] >= 2

    pipeline = Pipeline(load_model(tmp_path / "deaf"))
    seen = torch.zeros(3, pipeline.model.config.lm.visual_dim)
    sight = Sight(HITS, np.zeros(0, np.float32), seen, [])
    request = Generate(0, PICTURE, [], 3 * 48000, sampling=SamplingWish(drafts=4))
    unit = pipeline.unit(request, sight, HITS, "knock", 0)
    assert (unit.hits_s, unit.sampling.drafts, unit.drafts_at_once) == ((), 1, 1)
