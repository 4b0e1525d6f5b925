"""Several drafts of a take: which one is kept, what is told meanwhile, and what is not drawn twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

import engine.drafting
from engine.codec.encodec import Encodec
from engine.drafting import Drafts, heard_in
from engine.lm.generate import TakeUnit
from engine.lm.windows import TakeConditions
from engine.media.matching import onset_f1
from engine.media.onsets import detect_onsets
from engine.pipeline import Pipeline, load_model
from engine.protocol import Cast, Generate, Hit, Picture, Sampling, Span, pack_tokens, rational
from engine.sounding import waveform
from engine.visual.sight import Sight
from tests.engine.models import TINY

NOTHING = TakeConditions(None, None, None, None)
HITS = (0.5, 1.5)
ON_BOTH, ON_ONE, LATE, ONE_TOO_MANY = (0.5, 1.52), (0.5,), (0.6, 1.6), (0.5, 1.0, 1.5)


def unit_of(seed: int, drafts: int, hits_s: Sequence[float] = HITS) -> TakeUnit:
    return TakeUnit(NOTHING, 100, Sampling(drafts=drafts), seed, hits_s=tuple(hits_s))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, ...]]:
    """What is heard in the codes whose number is the place in the list."""
    onsets: list[tuple[float, ...]] = []
    monkeypatch.setattr(engine.drafting, "heard_in", lambda codec, codes: onsets[int(codes[0, 0])])
    return onsets


def kept(units: Sequence[TakeUnit], order: Sequence[int]) -> dict[int, int]:
    """By units, the number of the draft that was kept."""
    found: dict[int, int] = {}

    def keep(unit: int, codes: Tensor) -> None:
        assert unit not in found
        found[unit] = int(codes[0, 0])

    drafts = Drafts(units, Encodec(TINY.codec), on_step=lambda unit, share: None, on_unit=keep)
    for number in order:
        drafts.land(number, torch.full((4, 100), number))
    return found


@pytest.mark.parametrize(
    ("drafts", "best"),
    [
        ([ON_ONE, ON_BOTH], 1),
        ([LATE, ON_ONE], 1),
        ([ONE_TOO_MANY, ON_ONE, ON_BOTH], 2),
        ([ON_BOTH, HITS], 0),
        ([(), ()], 0),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_draft_on_the_hits_is_kept_and_of_equals_the_first(
    heard: list[tuple[float, ...]], drafts: list[tuple[float, ...]], best: int, order: int
) -> None:
    heard += drafts
    assert kept([unit_of(0, len(drafts))], range(len(drafts))[::order]) == {0: best}


def test_each_unit_keeps_one_of_its_own(heard: list[tuple[float, ...]]) -> None:
    heard += [ON_ONE, ON_BOTH, LATE, ON_BOTH, ON_ONE]
    units = [unit_of(0, 2), unit_of(1, 3, ()), unit_of(2, 2)]
    assert [unit.num_drafts for unit in units] == [2, 1, 2]
    assert kept(units, [4, 2, 0, 3, 1]) == {0: 1, 1: 2, 2: 3}


def test_seeds_of_drafts_are_no_seeds_of_other_takes() -> None:
    """A request's takes have neighbouring seeds."""
    units = [unit_of(seed, 8) for seed in (0, 1, 2, 2**62, 2**63 - 1)]
    drawings = Drafts(units, Encodec(TINY.codec), on_step=lambda *_: None, on_unit=lambda *_: None).drawings()
    assert [each.seed for each in drawings[::8]] == [unit.seed for unit in units]
    seeds = sorted(each.seed for each in drawings)
    assert len(set(seeds)) == 40 and seeds[0] >= 0 and seeds[-1] < 2**63
    assert all(replace(each, seed=0) == replace(units[0], seed=0) for each in drawings)


def test_progress_is_the_mean_and_an_answer_is_passed_on() -> None:
    told: list[tuple[int, float]] = []

    def step(unit: int, share: float) -> bool:
        told.append((unit, share))
        return share < 0.7

    drafts = Drafts(
        [unit_of(0, 2), unit_of(1, 2)], Encodec(TINY.codec), on_step=step, on_unit=lambda *_: None
    )
    answers = [drafts.step(number, share) for number, share in ((0, 0.5), (2, 0.5), (1, 0.5), (1, 1.0))]
    assert told == [(0, 0.25), (1, 0.25), (0, 0.5), (0, 0.75)]
    assert answers == [True, True, True, False]


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(load_model())


def asked(drafts: int, cast: Cast | None = None) -> Generate:
    picture = Picture("nowhere", [Span(rational(Fraction(3)), (0, 1))])
    return Generate(0, picture, [], 3 * 48000, sampling=Sampling(drafts=drafts), cast=cast)


def sight_of(hits: Sequence[Hit], pipeline: Pipeline) -> Sight:
    seen = torch.zeros(3, pipeline.model.config.lm.visual_dim)
    return Sight(list(hits), np.zeros(0, np.float32), seen, [])


def test_of_more_drafts_none_that_is_heard_falls_on_fewer_hits(pipeline: Pipeline) -> None:
    """With the model that ships, whose takes leave a hit out now and then."""
    hits = [Hit(0.3), Hit(0.8), Hit(1.7), Hit(2.4)]
    sight = sight_of(hits, pipeline)
    scores = np.zeros((3, 2))
    for seed in range(3):
        for column, drafts in enumerate((1, 3)):
            codes = pipeline.codes(
                asked(drafts), sight, hits, "switch_click", seed, lambda stage, share: None
            )
            onsets = heard_in(pipeline.model.codec, codes)
            scores[seed, column] = onset_f1(onsets, [hit.time_s for hit in hits], engine.drafting.TOLERANCE_S)
    assert (scores[:, 1] >= scores[:, 0]).all()
    assert scores[:, 1].mean() > 0.7


def test_what_is_heard_in_codes_is_what_the_take_sounds_like(pipeline: Pipeline) -> None:
    hits = [Hit(0.3), Hit(1.7)]
    codes = pipeline.codes(asked(1), sight_of(hits, pipeline), hits, "knock", 0, lambda stage, share: None)
    wav = waveform(pipeline.model.codec, codes, 3 * 48000, 48000)
    found = [hit.time_s for hit in detect_onsets(wav, 48000)]
    assert found and np.allclose(heard_in(pipeline.model.codec, codes)[: len(found)], found, atol=0.006)


def test_what_has_no_onsets_to_fall_on_hits_is_drawn_once(pipeline: Pipeline) -> None:
    steady = pipeline.model.config.continuous_labels[0]
    hits = [Hit(0.5), Hit(2.0)]
    sight = sight_of(hits, pipeline)
    said = pipeline.unit(asked(2), sight, hits, "knock", 0)
    assert (said.num_drafts, said.hits_s) == (2, (0.5, 2.0))
    assert pipeline.unit(asked(2), sight, [], "knock", 0).num_drafts == 1
    assert pipeline.unit(asked(2), sight, hits, steady, 0).num_drafts == 1
    outside = [Hit(-0.2), Hit(9.0)]
    assert pipeline.unit(asked(2), sight, outside, "knock", 0).num_drafts == 1


def test_hits_count_from_the_first_frame_that_is_heard(pipeline: Pipeline) -> None:
    """Nobody hears what a cast sound is read in as."""
    model = pipeline.model
    codes = torch.zeros(model.config.lm.num_codebooks, 100, dtype=torch.long).tolist()
    tokens = pack_tokens(codes, model.config.codec.frame_rate, model.codec_sha256)
    hits = [Hit(0.5), Hit(2.0)]
    unit = pipeline.unit(asked(2, Cast(tokens, [Hit(0.1)])), sight_of(hits, pipeline), hits, "knock", 0)
    assert unit.opening_frames == 100 and unit.hits_s == (0.5, 2.0)
