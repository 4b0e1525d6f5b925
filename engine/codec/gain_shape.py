"""What the codec sees of rows of sines and noise, and a frame of them as its loudness and its shape.

A frame is how loud it is, and its shape: what lies in it, as if all frames were equally loud (gain-shape quantisation,
Sabin and Gray, 1984). So a sound that fades keeps the tokens of its shape, and a language model learns a shape once,
not once for each level. Each way has its way back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from engine.codec.sines_and_noise import LOWEST_DB

ASPECTS = 3
"""Of a band in a row: level, share of its sine, the sine's place."""
LOWEST_SEEN_DB, MIDDLE_DB, SPREAD_DB = -80.0, -60.0, 20.0
"""What is seen of a level is how many spreads it lies over the middle; what lies under the lowest is silence."""
SHARE_SCALE, PLACE_SCALE = 1.5, 2.0
SHARE_FLOOR = 0.05
"""Added where a place is divided by its share: a sine that is hardly there lies in the middle of its band."""
STEP_DB = 1.0
"""Of the given codebook where it has codes enough: levels differ audibly from about there on."""
SILENT_DB, LOUDEST_DB = -74.0, 20.0
"""Frames whose mean density lies under the first are silence, and all alike."""
SHAPE_MIDDLE_DB, LOWEST_SHAPE_DB = -30.0, -70.0
"""Of a band under its frame's loudness."""
KNEE_DB, UNDER_KNEE = -25.0, 0.3
"""What lies further under the loudness is hardly heard beside the rest: it counts for less in components and codes."""
EXPANSION_DB, CONTRAST, CONTRAST_BANDS = 80.0, 0.5, 9
"""Of the postfilter: chosen on training recordings by flatness, energy of the upper half, log-mel and STFT distance."""
LEAST_MEAN = 1e-12
"""Of a frame's power as its levels say it, beside what its loudness says: tokens that never met may say anything."""


class Frames(NamedTuple):
    """`loudness` [B, T] in dB, and `shape` [B, T, rows_a_frame * 3 * bands], which is 0 in silence."""

    loudness: Tensor
    shape: Tensor


def seen_of(rows: Tensor, emphasis_db: Tensor) -> Tensor:
    """Rows of sines and noise [B, T, 3, bands] as the codec sees them, each aspect of a like spread.

    Args:
        emphasis_db: [bands], how much more a band is heard than its density says.
    """
    level, share, place = rows.unbind(dim=2)
    above = ((level + emphasis_db).clamp(min=LOWEST_SEEN_DB) - MIDDLE_DB) / SPREAD_DB
    # Where a band has no sine, its place says nothing.
    return torch.stack([above, share * SHARE_SCALE, (place - 0.5) * share * PLACE_SCALE], dim=2)


def rows_of(seen: Tensor, emphasis_db: Tensor) -> Tensor:
    """The other way round."""
    above, share, place = seen.unbind(dim=2)
    level = above * SPREAD_DB + MIDDLE_DB
    silent = torch.full_like(level, LOWEST_DB)
    level = torch.where(level <= LOWEST_SEEN_DB + 0.5, silent, level - emphasis_db)
    share = (share / SHARE_SCALE).clamp(0, 1)
    place = (0.5 + place / PLACE_SCALE / (share + SHARE_FLOOR)).clamp(0, 1)
    return torch.stack([level, share, place], dim=2)


def frames_of(seen: Tensor, rows_a_frame: int) -> Frames:
    """What is seen of rows, [B, T * rows_a_frame, 3, bands], parted into loudness and shape."""
    frames = seen.reshape(len(seen), -1, rows_a_frame, *seen.shape[2:])
    level = frames[:, :, :, 0] * SPREAD_DB + MIDDLE_DB
    loudness = 10 * torch.log10((10 ** (level / 10)).mean(dim=(-1, -2)))
    under = (level - loudness[..., None, None]).clamp(min=LOWEST_SHAPE_DB)
    bent = torch.where(under < KNEE_DB, KNEE_DB + UNDER_KNEE * (under - KNEE_DB), under)
    above = (bent - SHAPE_MIDDLE_DB) / SPREAD_DB
    shape = torch.cat([above[:, :, :, None], frames[:, :, :, 1:]], dim=3).flatten(2)
    return Frames(loudness, shape.masked_fill((loudness < SILENT_DB)[..., None], 0.0))


def seen_of_frames(frames: Frames, rows_a_frame: int) -> Tensor:
    """The other way round."""
    rows = frames.shape.reshape(*frames.loudness.shape, rows_a_frame, ASPECTS, -1)
    bent = rows[:, :, :, 0] * SPREAD_DB + SHAPE_MIDDLE_DB
    under = torch.where(bent < KNEE_DB, KNEE_DB + (bent - KNEE_DB) / UNDER_KNEE, bent)
    above = (under + frames.loudness[..., None, None] - MIDDLE_DB) / SPREAD_DB
    return torch.cat([above[:, :, :, None], rows[:, :, :, 1:]], dim=3).flatten(1, 2)


def postfiltered(seen: Tensor, loudness: Tensor) -> Tensor:
    """What is seen of rows, [B, T * rows_a_frame, 3, bands], with the contrasts that few codes take from a spectrum.

    Its valleys come back filled and its peaks worn. So, as in the postfilters of speech codecs (Chen and Gersho, 1995),
    what lies far under its frame's loudness [B, T] is put further under it, and peaks and valleys along the bands are
    put apart.
    """
    frames = seen.reshape(*loudness.shape, -1, *seen.shape[2:])
    over = frames[:, :, :, 0] * SPREAD_DB + MIDDLE_DB - loudness[..., None, None]
    over = over - over.clamp(max=0).square() / EXPANSION_DB
    reach = CONTRAST_BANDS // 2
    padded = functional.pad(over.flatten(0, 1), (reach, reach), mode="replicate")
    around = functional.avg_pool1d(padded, CONTRAST_BANDS, stride=1).view_as(over)
    over = over + CONTRAST * (over - around)
    above = (over + loudness[..., None, None] - MIDDLE_DB) / SPREAD_DB
    return torch.cat([above[:, :, :, None], frames[:, :, :, 1:]], dim=3).view_as(seen)


def as_loud_as(seen: Tensor, loudness: Tensor) -> Tensor:
    """What is seen of rows, [B, T * rows_a_frame, 3, bands], with each frame's level moved to `loudness` [B, T].

    Tokens that never stood beside each other may say anything, and one such frame would drown a whole take.
    """
    frames = seen.reshape(*loudness.shape, -1, *seen.shape[2:])
    over = frames[:, :, :, 0] * SPREAD_DB + MIDDLE_DB - loudness[..., None, None]
    # A mean has no part that is larger than all of them together.
    over = over.clamp(max=10 * math.log10(over.shape[2] * over.shape[3]))
    mean = (10 ** (over / 10)).mean(dim=(-1, -2), keepdim=True)
    over = over - 10 * torch.log10(mean.clamp(min=LEAST_MEAN))
    above = (over + loudness[..., None, None] - MIDDLE_DB) / SPREAD_DB
    return torch.cat([above[:, :, :, None], frames[:, :, :, 1:]], dim=3).view_as(seen)


def loudness_latent(loudness_db: Tensor) -> Tensor:
    """One value for all silence."""
    quietest = SILENT_DB - STEP_DB
    heard = torch.where(loudness_db < SILENT_DB, quietest, loudness_db)
    return (heard - MIDDLE_DB) / SPREAD_DB


def loudness_of(latent: Tensor) -> Tensor:
    """In dB; the other way round."""
    return latent * SPREAD_DB + MIDDLE_DB
