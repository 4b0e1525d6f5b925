"""Takes made from takes: which codes stay, and that the others are drawn as if those had been drawn before them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import WindowConfig
from engine.errors import RequestError
from engine.lm.delay import delay
from engine.lm.generate import TakeUnit, generate_takes
from engine.lm.keeping import Ground, LaidOriginal, lay_original
from engine.lm.layout import lay_out
from engine.lm.windows import Window, window_rows
from engine.protocol import Original, Sampling, pack_tokens, rational
from tests.engine.lm.small import CODEC, CONFIG, random_codes, small_lm
from tests.engine.lm.test_generate import conditions_of

WINDOWS = WindowConfig(window_frames=60, stride_frames=40)
FRAMES = 120
RATE = 48000
SHA = "f" * 64
GROUND = Ground(num_samples=2 * RATE, sample_rate=RATE, codec=CODEC, codec_sha256=SHA, reach_frames=2)


def given_codes() -> torch.Tensor:
    return random_codes(1, FRAMES)[0]


def kept(free: slice | None, *, kept_codebooks: int = 0) -> LaidOriginal:
    """An original of which frames `free` are drawn anew."""
    stays = torch.ones(FRAMES, dtype=torch.bool)
    if free is not None:
        stays[free] = False
    forced = stays.repeat(4, 1)
    forced[:kept_codebooks] = True
    return LaidOriginal(given_codes(), forced, stays, Fraction(0), Path("a.wav"), 0, [])


def unit(original: LaidOriginal, seed: int = 0, opening: torch.Tensor | None = None) -> TakeUnit:
    frames = FRAMES + (0 if opening is None else opening.shape[-1])
    return TakeUnit(conditions_of(frames), frames, Sampling(), seed, opening, original)


def drawn(*units: TakeUnit) -> list[torch.Tensor]:
    return generate_takes(small_lm("causal"), units, windows=WINDOWS)


def test_with_everything_forced_the_stream_is_the_originals_to_the_token() -> None:
    landed: list[int] = []
    made = generate_takes(
        small_lm(), [unit(kept(None))], windows=WINDOWS, on_unit=lambda number, _: landed.append(number)
    )
    assert torch.equal(made[0], given_codes()) and landed == [0]


def test_what_stays_is_equal_and_what_is_drawn_differs_with_the_seed() -> None:
    free = slice(33, 70)  # over the edge of two windows
    first, again, other = drawn(unit(kept(free)), unit(kept(free)), unit(kept(free), seed=1))
    stays = kept(free).stays
    for codes in (first, other):
        assert torch.equal(codes[:, stays], given_codes()[:, stays])
    assert torch.equal(first, again)
    for k in range(4):
        assert not torch.equal(first[k, free], other[k, free])


def test_kept_codebooks_stay_in_what_is_drawn() -> None:
    (codes,) = drawn(unit(kept(slice(None), kept_codebooks=2)))
    assert torch.equal(codes[:2], given_codes()[:2])
    assert not torch.equal(codes[2], given_codes()[2]) and not torch.equal(codes[3], given_codes()[3])


def test_an_opening_comes_before_the_original_and_is_not_heard() -> None:
    opening = random_codes(1, 50, seed=9)[0, :, :20]
    first, other = drawn(unit(kept(slice(0, 12)), opening=opening), unit(kept(slice(0, 12))))
    assert first.shape == (4, FRAMES)
    assert torch.equal(first[:, 12:], given_codes()[:, 12:])
    assert not torch.equal(first[:, :12], other[:, :12])


def test_greedy_cells_are_the_teacher_forced_argmax_among_forced_ones() -> None:
    """Forced cells in the middle of a window are inputs to the steps after them, whoever drew them."""
    lm, sampling = small_lm("causal"), Sampling(top_k=1, cfg_scale=1.0)
    original = kept(slice(20, 30), kept_codebooks=1)
    original.forced[:, 24] = True
    take = conditions_of(60)
    window = Window(0, 60, 0)
    (codes,) = generate_takes(
        lm, [TakeUnit(conditions_of(FRAMES), FRAMES, sampling, 0, None, original)], windows=WINDOWS
    )
    rows = window_rows(lm, conditions_of(FRAMES), window, sampling)
    piece = codes[None, :, :60].expand(2, -1, -1)
    with torch.no_grad():
        best = lm(delay(piece, lm.config.pad_id), rows)[0].argmax(dim=-1)
    for k in range(1, 4):
        for frame in range(20, 30):
            if frame != 24:
                assert int(best[k, frame + k]) == int(codes[k, frame]), (k, frame)
    assert take.visual is not None


def test_only_steps_that_draw_are_taken() -> None:
    lm = small_lm()
    forced = kept(slice(20, 30)).forced
    layout = lay_out(lm, conditions_of(FRAMES), Window(0, 60, 0), Sampling(), given_codes(), forced)
    assert (layout.known, layout.end, layout.num_steps) == (20, 33, 63)
    shares: list[float] = []
    generate_takes(
        lm, [unit(kept(slice(20, 30)))], windows=WINDOWS, on_step=lambda _, share: shares.append(share)
    )
    assert len(shares) == 13 and shares == sorted(shares) and shares[-1] == 1.0


UNITS = [
    unit(kept(slice(33, 70))),
    unit(kept(slice(100, None)), 1),
    unit(kept(slice(0, 5)), 2),
    unit(kept(None)),
]


@settings(max_examples=4, deadline=None)
@given(st.permutations(range(len(UNITS))), st.integers(1, 4))
def test_a_take_made_from_a_take_does_not_depend_on_its_neighbours(
    order: list[int], side_by_side: int
) -> None:
    lm = small_lm("causal")
    made = generate_takes(lm, [UNITS[number] for number in order], windows=WINDOWS, side_by_side=side_by_side)
    for number, codes in zip(order, made, strict=True):
        assert torch.equal(codes, generate_takes(lm, [UNITS[number]], windows=WINDOWS)[0])


def original_of(
    num_frames: int = 100,
    start: Fraction = Fraction(0),
    redo: tuple[float, float] | None = (0.5, 1.0),
    kept_codebooks: int = 0,
    tokens_start: tuple[int, int] = (0, 1),
) -> Original:
    rows = [[(k + t) % CONFIG.codebook_size for t in range(num_frames)] for k in range(4)]
    parts = [] if redo is None else [(rational(Fraction(redo[0])), rational(Fraction(redo[1])))]
    return Original("a.wav", pack_tokens(rows, 50, SHA), rational(start), parts, kept_codebooks, tokens_start)


def test_an_original_that_lies_on_the_frames_is_laid_as_it_is() -> None:
    laid = lay_original(original_of(104), 2 * RATE, GROUND)
    assert laid.origin == 0 and (laid.num_frames, laid.start) == (104, 0)
    # half a second to a second, a fade of 0.12 s and the decoder's reach
    assert (~laid.forced[0]).nonzero()[:, 0].tolist() == list(range(25, 58))
    # what is heard is the original's from the middle of the fade on
    assert (~laid.stays).nonzero()[:, 0].tolist() == list(range(25, 53))


@given(
    start=st.integers(-90000, 90000),
    seconds=st.integers(60, 180),
    tokens_start=st.integers(-959, 0),
)
def test_the_originals_frames_fall_on_its_samples(start: int, seconds: int, tokens_start: int) -> None:
    """Wherever it begins; and the new take has frames for the whole of its picture."""
    samples = seconds * RATE // 60
    original = original_of(200, Fraction(start, RATE), None, tokens_start=(tokens_start, RATE))
    try:
        laid = lay_original(original, samples, GROUND)
    except RequestError as error:
        assert "outside" in error.sentence or "nothing" in error.sentence
        return
    assert -Fraction(1, 50) < laid.origin <= 0
    assert laid.origin + Fraction(laid.num_frames, 50) >= 2
    drawn_frames = (~laid.forced[0]).nonzero()[:, 0]
    assert len(drawn_frames)
    at = (Fraction(start + tokens_start, RATE) - laid.origin) * 50
    assert at.denominator == 1
    for frame in laid.forced[0].nonzero()[:, 0].tolist():
        assert int(laid.codes[0, frame]) == (frame - int(at)) % CONFIG.codebook_size
    for frame in range(laid.num_frames):
        first, last = (laid.origin + Fraction(frame + edge, 50) for edge in (0, 1))
        is_covered = first * RATE >= start and last * RATE <= start + samples
        if (
            not is_covered
            and last > 0
            and first < 2
            and not (first * RATE < start + samples and last * RATE > start)
        ):
            assert not laid.forced[0, frame]


@pytest.mark.parametrize(
    ("original", "said"),
    [
        (original_of(redo=None), "nothing to make anew"),
        (original_of(redo=(1.5, 2.5)), "the picture is 2.00 s long"),
        (original_of(redo=(1.5, 1.5)), "cannot be made anew"),
        (original_of(start=Fraction(3)), "outside its picture"),
        (original_of(kept_codebooks=4), "keep from 0 to 3"),
        (original_of(90), "damaged"),
        (Original("a.wav", pack_tokens([[0] * 100] * 4, 50, "0" * 64)), "another model"),
        (Original("a.wav", pack_tokens([[3000] * 100] * 4, 50, SHA)), "damaged"),
    ],
)
def test_an_original_that_cannot_be_made_from_is_refused_in_a_sentence(original: Original, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        lay_original(original, 2 * RATE, GROUND)
