"""Several drafts of a window: which one is kept, and what is not drawn twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

import engine.drafting
from engine.codec.encodec import Encodec
from engine.drafting import TOLERANCE_S, OnHits, heard_in
from engine.lm.units import TakeUnit
from engine.lm.windows import TakeConditions, Window
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

WHOLE = Window(0, 100, 0)


@dataclass(frozen=True)
class Case:
    hits_s: tuple[float, ...] = HITS
    window: Window = WHOLE
    num_frames: int = 100
    opening_frames: int = 0


def kept(monkeypatch: pytest.MonkeyPatch, drafts: Sequence[Sequence[float]], case: Case = Case()) -> int:
    """The number of the draft that is kept of those in which onsets are heard at these seconds of the window."""

    def heard(codec: Encodec, codes: Tensor) -> list[float]:
        return list(drafts[int(codes[0, 0])])

    monkeypatch.setattr(engine.drafting, "heard_in", heard)
    opening = torch.zeros(4, case.opening_frames, dtype=torch.long) if case.opening_frames else None
    unit = TakeUnit(NOTHING, case.num_frames, Sampling(), 0, opening, hits_s=case.hits_s)
    codes = [torch.full((4, case.window.length), number) for number in range(len(drafts))]
    return OnHits(Encodec(TINY.codec))(unit, case.window, codes)


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
def test_the_draft_on_the_hits_is_kept_and_of_equals_the_first(
    monkeypatch: pytest.MonkeyPatch, drafts: list[tuple[float, ...]], best: int
) -> None:
    assert kept(monkeypatch, drafts) == best


def test_of_a_later_window_what_is_new_in_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window begins at 8 s, and is primed to 10 s."""
    case = Case((1.0, 9.0, 11.0, 12.5), Window(400, 500, 100), num_frames=900)
    assert kept(monkeypatch, [(1.0,), (3.0, 4.5)], case) == 1
    assert kept(monkeypatch, [(3.0, 4.5), (1.0, 3.0)], case) == 0
    as_good = [(1.0, 3.0, 4.5), (3.0, 4.5)]
    assert kept(monkeypatch, as_good, case) == kept(monkeypatch, as_good[::-1], case) == 0


def test_a_hit_at_a_window_s_end_is_the_next_one_s(monkeypatch: pytest.MonkeyPatch) -> None:
    hits_s = (5.0, 9.98)
    with_the_late_one = [(5.0,), (5.0, 9.97)]
    assert kept(monkeypatch, with_the_late_one, Case(hits_s, Window(0, 500, 0), num_frames=900)) == 0
    assert kept(monkeypatch, [(), (2.01,)], Case(hits_s, Window(400, 500, 100), num_frames=900)) == 1
    assert kept(monkeypatch, with_the_late_one, Case(hits_s, Window(0, 500, 0), num_frames=500)) == 1


def test_hits_count_from_where_a_cast_sound_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(window=Window(0, 250, 100), num_frames=250, opening_frames=100)
    assert kept(monkeypatch, [(0.5, 1.5), (2.5, 3.5)], case) == 1


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
            scores[seed, column] = onset_f1(onsets, [hit.time_s for hit in hits], TOLERANCE_S)
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
