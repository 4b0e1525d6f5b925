"""A take that another is made from, laid under the new one's frames: which codes stay, and which samples.

    original               |====================================|
    new take     |---------|=========|~~~~~redo~~~~~|===========|----------|
    forced                  xxxxxxxxx                  xxxxxxxxx               its codes, frame by frame
                                                    ^^^ drawn on for the fade, see `engine.media.splicing`

The original may begin anywhere between two frames of the new picture. Its frames are taken as they lie, so that what is
decoded falls on its samples: the new take's frames then begin at `origin`, up to a frame before its picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import torch
from torch import Tensor

from engine.config import PREROLL_CODEBOOKS, CodecConfig
from engine.errors import RequestError
from engine.lm.known_codes import codes_of
from engine.media.splicing import Stretch, drawn_stretches
from engine.protocol import Original, Rational, fraction

FOREIGN = (
    "This take was made by another model, whose tokens mean nothing to this one: generate it anew with this model, or "
    "open the model that made it."
)
DAMAGED = "The tokens of this take are damaged: generate it anew."


@dataclass(frozen=True, eq=False)
class LaidOriginal:
    """K codebooks, T frames of the new take.

    Attributes:
        codes: [K, T], the original's where it lies, else 0.
        forced: [K, T], the cells that are not drawn.
        stays: [T], the frames that are the original's when all is done; some of them are drawn for the fades' sake.
        origin: seconds from the picture's start to frame 0; 0 or, by less than a frame, negative.
        start: the sample of the new take where the original's first one lies.
    """

    codes: Tensor
    forced: Tensor
    stays: Tensor
    origin: Fraction
    wav: Path
    start: int
    stretches: Sequence[Stretch]

    @property
    def num_frames(self) -> int:
        return self.codes.shape[-1]

    def settled(self, codes: Tensor) -> Tensor:
        """What is heard of drawn codes [K, T]: where the samples are the original's, so are the codes."""
        return torch.where(self.stays, self.codes, codes)


@dataclass(frozen=True)
class Ground:
    """What an original is laid under: so many samples at a rate, frames of a codec."""

    num_samples: int
    sample_rate: int
    codec: CodecConfig
    codec_sha256: str
    reach_frames: int
    """How many frames to each side a sample is decoded from."""

    def sample(self, time: Rational) -> int:
        return round(fraction(time) * self.sample_rate)

    def frames(self, sample: int, origin: Fraction) -> Fraction:
        """Frames from the first one to a sample."""
        return (Fraction(sample, self.sample_rate) - origin) * self.codec.frame_rate


def lay_original(original: Original, wav_samples: int, ground: Ground) -> LaidOriginal:
    """
    Args:
        wav_samples: of the original's WAV, at the ground's rate.

    Raises:
        RequestError: its tokens are of another codec or too few, it lies outside the picture, a stretch to redo does,
            or there is nothing to draw.
    """
    given = codes_of(original.tokens, ground.codec, ground.codec_sha256, foreign=FOREIGN, damaged=DAMAGED)
    start = ground.sample(original.start)
    stretches = _stretches(original, start, wav_samples, ground)
    rate = ground.codec.frame_rate
    first = Fraction(start, ground.sample_rate) + fraction(original.tokens_start)
    shift = math.ceil(first * rate)
    origin = first - Fraction(shift, rate)
    if shift + given.shape[-1] < ground.frames(start + wav_samples, origin):
        raise RequestError(DAMAGED)
    num_frames = math.ceil(ground.frames(ground.num_samples, origin)) + PREROLL_CODEBOOKS
    if stretches[-1].end < ground.num_samples:
        num_frames = min(num_frames, shift + given.shape[-1])  # no frame is drawn that nobody hears
    codes, lies = _laid(given, shift, num_frames)
    drawn, new = torch.zeros_like(lies), torch.zeros_like(lies)
    for each in stretches:
        begin = math.floor(ground.frames(each.start, origin))
        end = math.ceil(ground.frames(each.end + each.fade_out, origin)) + ground.reach_frames
        drawn[begin : end if each.end < ground.num_samples else None] = True
        middle = round(ground.frames(each.end + each.fade_out // 2, origin))
        new[begin : middle if each.end < ground.num_samples else None] = True
    forced = (lies & ~drawn).repeat(len(codes), 1)
    forced[: original.kept_codebooks] = lies
    return LaidOriginal(codes, forced, lies & ~new, origin, Path(original.wav), start, stretches)


def _laid(given: Tensor, shift: int, num_frames: int) -> tuple[Tensor, Tensor]:
    """The codes [K, T] from frame `shift` on, and which frames [T] have them."""
    first, stop = max(0, shift), min(num_frames, shift + given.shape[-1])
    codes = torch.zeros(len(given), num_frames, dtype=torch.long)
    codes[:, first:stop] = given[:, first - shift : stop - shift]
    lies = torch.zeros(num_frames, dtype=torch.bool)
    lies[first:stop] = True
    return codes, lies


def _stretches(original: Original, start: int, wav_samples: int, ground: Ground) -> list[Stretch]:
    if not 0 <= original.kept_codebooks < ground.codec.num_codebooks:
        raise RequestError(
            f"A take cannot be varied with {original.kept_codebooks} codebooks kept: keep from 0 to "
            f"{ground.codec.num_codebooks - 1}."
        )
    covered = max(0, start), min(ground.num_samples, start + wav_samples)
    if covered[0] >= covered[1]:
        raise RequestError(
            "The take that the new one is to be made from lies outside its picture: generate it anew."
        )
    redo = [(ground.sample(first), ground.sample(last)) for first, last in original.redo]
    for first, last in redo:
        if not 0 <= first < last <= ground.num_samples:
            length_s = ground.num_samples / ground.sample_rate
            raise RequestError(
                f"The part from {first / ground.sample_rate:.2f} s to {last / ground.sample_rate:.2f} s cannot be made "
                f"anew: the picture is {length_s:.2f} s long; choose a part of it."
            )
    stretches = drawn_stretches(redo, covered, ground.num_samples, ground.sample_rate)
    if not stretches:
        raise RequestError("There is nothing to make anew: the take covers the picture; choose a part of it.")
    return stretches
