"""Several drafts of a window: which one is kept, and what is not drawn twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import Tensor

import engine.drafting
from engine.codec.encodec import Encodec
from engine.drafting import FAR, FARNESS_WORTH, NEAR_COST, TOLERANCE_S, DraftJudge, Heard, heard_in
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Verdict
from engine.lm.windows import TakeConditions, Window
from engine.media.matching import onset_f1
from engine.media.onsets import detect_onsets
from engine.media.wav_stream import Wav
from engine.pipeline import Pipeline, load_model
from engine.prints.event import distances, event_print
from engine.prints.learnt import LearntEvents
from engine.protocol import Cast, Generate, Hit, Picture, Sampling, Span, pack_tokens, rational
from engine.sounding import waveform
from engine.visual.sight import Sight
from tests.engine.models import TINY

OF_A_LABEL = TakeConditions(None, 0, None, None)
HITS = (0.5, 1.5)
ON_BOTH, ON_ONE, LATE, ONE_TOO_MANY = (0.5, 1.52), (0.5,), (0.6, 1.6), (0.5, 1.0, 1.5)

WHOLE = Window(0, 100, 0)
RATE = TINY.codec.sample_rate
SILENCE = np.zeros(2 * RATE, np.float32)


@dataclass(frozen=True)
class Case:
    hits_s: tuple[float, ...] = HITS
    window: Window = WHOLE
    num_frames: int = 100
    opening_frames: int = 0


def verdicts(
    monkeypatch: pytest.MonkeyPatch,
    drafts: Sequence[Sequence[float]],
    case: Case = Case(),
    learnt: LearntEvents | None = None,
    wav: Wav = SILENCE,
) -> list[Verdict]:
    """On drafts in which onsets are heard at these seconds of the window."""

    def heard(codec: Encodec, codes: Tensor) -> Heard:
        return Heard(wav, list(drafts[int(codes[0, 0])]))

    monkeypatch.setattr(engine.drafting, "heard_in", heard)
    opening = torch.zeros(4, case.opening_frames, dtype=torch.long) if case.opening_frames else None
    unit = TakeUnit(OF_A_LABEL, case.num_frames, Sampling(), 0, opening, hits_s=case.hits_s)
    judge = DraftJudge(Encodec(TINY.codec), ["knock"], learnt)
    codes = [torch.full((4, case.window.length), number) for number in range(len(drafts))]
    return judge(unit, case.window, codes)


def kept(monkeypatch: pytest.MonkeyPatch, drafts: Sequence[Sequence[float]], case: Case = Case()) -> int:
    """The number of the best of them."""
    scores = [verdict.score for verdict in verdicts(monkeypatch, drafts, case)]
    return scores.index(max(scores))


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


def test_of_more_drafts_none_that_is_heard_falls_on_fewer_hits() -> None:
    """With the model that ships, whose takes leave a hit out now and then, where nothing else counts."""
    pipeline = Pipeline(replace(load_model(), learnt=None))
    hits = [Hit(0.3), Hit(0.8), Hit(1.7), Hit(2.4)]
    sight = sight_of(hits, pipeline)
    scores = np.zeros((3, 2))
    for seed in range(3):
        for column, drafts in enumerate((1, 3)):
            codes = pipeline.codes(
                asked(drafts), sight, hits, "switch_click", seed, lambda stage, share: None
            )
            onsets = heard_in(pipeline.model.codec, codes).onsets_s
            scores[seed, column] = onset_f1(onsets, [hit.time_s for hit in hits], TOLERANCE_S)
    assert (scores[:, 1] >= scores[:, 0]).all()
    assert scores[:, 1].mean() > 0.7


def test_what_is_heard_in_codes_is_what_the_take_sounds_like(pipeline: Pipeline) -> None:
    hits = [Hit(0.3), Hit(1.7)]
    codes = pipeline.codes(asked(1), sight_of(hits, pipeline), hits, "knock", 0, lambda stage, share: None)
    wav = waveform(pipeline.model.codec, codes, 3 * 48000, 48000)
    found = [hit.time_s for hit in detect_onsets(wav, 48000)]
    heard = heard_in(pipeline.model.codec, codes).onsets_s
    assert found and np.allclose(heard[: len(found)], found, atol=0.006)


def test_what_has_no_onsets_to_fall_on_hits_is_drawn_once(pipeline: Pipeline) -> None:
    steady = pipeline.model.config.continuous_labels[0]
    hits = [Hit(0.5), Hit(2.0)]
    sight = sight_of(hits, pipeline)
    said = pipeline.unit(asked(2), sight, hits, "knock", 0)
    assert (said.drafts_at_once, said.hits_s) == (2, (0.5, 2.0))
    assert pipeline.unit(asked(4), sight, hits, "knock", 0).drafts_at_once == 2
    assert pipeline.unit(asked(1), sight, hits, "knock", 0).drafts_at_once == 1
    assert pipeline.unit(asked(2), sight, [], "knock", 0).drafts_at_once == 1
    assert pipeline.unit(asked(2), sight, hits, steady, 0).drafts_at_once == 1
    outside = [Hit(-0.2), Hit(9.0)]
    assert pipeline.unit(asked(2), sight, outside, "knock", 0).drafts_at_once == 1


def test_of_a_long_take_only_windows_with_hits_are_drafted() -> None:
    unit = TakeUnit(OF_A_LABEL, 1300, Sampling(drafts=4), 0, hits_s=(1.0, 9.97, 17.0))
    judge = DraftJudge(Encodec(TINY.codec), ["knock"])
    windows = [Window(0, 500, 0), Window(400, 500, 100), Window(800, 500, 100)]
    assert [judge.most_drafts(unit, window) for window in windows] == [4, 4, 1]


def two_kinds(first_s: float, second_s: float) -> Wav:
    """A burst of white noise, and one that is duller by far."""
    wav, white = SILENCE.copy(), np.random.default_rng(0).standard_normal(RATE // 5)
    for time_s, noise in ((first_s, white), (second_s, np.convolve(white, np.ones(32) / 32, "same"))):
        start = round(time_s * RATE)
        wav[start : start + noise.size] = noise * np.geomspace(1, 1e-3, noise.size)
    return wav


def test_events_that_repeat_learned_ones_count_against_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    wav = two_kinds(*HITS)
    prints = [event_print(wav, RATE, round(RATE * hit_s)) for hit_s in HITS]
    for known, share in (([], 0.0), (prints[:1], 0.5), (prints, 1.0)):
        learnt = LearntEvents({"knock": known}, {"knock": 1.0})
        (found,) = verdicts(monkeypatch, [ON_BOTH], learnt=learnt, wav=wav)
        assert found.is_good == (share == 0)
        far = FARNESS_WORTH * FAR * (1 - share)
        assert found.score == pytest.approx(1 - NEAR_COST * share + far)
    elsewhere = LearntEvents({"bell": prints}, {"bell": 1.0})
    (unknown,) = verdicts(monkeypatch, [ON_BOTH], learnt=elsewhere, wav=wav)
    assert unknown == verdicts(monkeypatch, [ON_BOTH])[0] and unknown.is_good


def test_what_goes_on_from_a_cast_sound_may_be_as_near_as_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    wav = two_kinds(*HITS)
    prints = [event_print(wav, RATE, round(RATE * hit_s)) for hit_s in HITS]
    learnt = LearntEvents({"knock": prints}, {"knock": 1.0})
    cast = Case(window=Window(0, 200, 100), num_frames=200, opening_frames=100)
    onsets = [tuple(2 + hit_s for hit_s in HITS)]
    (found,) = verdicts(monkeypatch, onsets, cast, learnt, np.concatenate([SILENCE, wav]))
    assert found == verdicts(monkeypatch, onsets, cast)[0] and found.is_good


def test_of_two_on_all_hits_the_one_that_clearly_repeats_nothing_is_better_and_no_odd_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wav = two_kinds(*HITS)
    prints = [event_print(wav, RATE, round(RATE * hit_s)) for hit_s in HITS]
    apart_db = float(distances(prints[:1], prints[1:])[0, 0])
    scores = []
    for near_db in (apart_db / 1.1, apart_db / 1.3, apart_db / 3):
        learnt = LearntEvents({"knock": prints[1:]}, {"knock": near_db})
        (found,) = verdicts(monkeypatch, [(HITS[0],)], Case(hits_s=HITS[:1]), learnt, wav)
        assert found.is_good
        scores.append(found.score)
    assert 0 < scores[1] - scores[0] < 0.01 and scores[1] == scores[2]


def test_a_hit_left_out_is_worse_than_a_repetition_and_that_than_an_onset_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wav = two_kinds(*HITS)
    learnt = LearntEvents(
        {"knock": [event_print(wav, RATE, round(RATE * hit_s)) for hit_s in HITS]}, {"knock": 1.0}
    )
    (repeated,) = verdicts(monkeypatch, [HITS], learnt=learnt, wav=wav)
    one_left_out, one_too_many = verdicts(monkeypatch, [ON_ONE, ONE_TOO_MANY])
    assert one_left_out.score < repeated.score < one_too_many.score
    assert not one_left_out.is_good and not one_too_many.is_good


def test_hits_count_from_the_first_frame_that_is_heard(pipeline: Pipeline) -> None:
    """Nobody hears what a cast sound is read in as."""
    model = pipeline.model
    codes = torch.zeros(model.config.lm.num_codebooks, 100, dtype=torch.long).tolist()
    tokens = pack_tokens(codes, model.config.codec.frame_rate, model.codec_sha256)
    hits = [Hit(0.5), Hit(2.0)]
    unit = pipeline.unit(asked(2, Cast(tokens, [Hit(0.1)])), sight_of(hits, pipeline), hits, "knock", 0)
    assert unit.opening_frames == 100 and unit.hits_s == (0.5, 2.0)
