"""One film with sound, cut into pieces that training draws from.

    picture  |0 - - - - - - - - - - - - - - - - - - - - - - - - - - -|
    sound        |- - - - - - - - - - - - - - - - - - - - - - - -|
    pieces       |  10 s, codes, features  |  10 s  |  the rest  |

Both lie on the container's clock: a sound that starts later than the picture is not moved under it, and nothing is
padded. Hits and curve are taken from the whole sound, so that a cut between pieces is not heard as an onset.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import FoleyError, MediaTruncated
from engine.evaluation.clips import read_truth
from engine.media.audio import read_film_sound, resample
from engine.media.decoding import OpenVideo
from engine.media.intensity import intensity_curve
from engine.media.onsets import detect_onsets
from engine.media.video import MAX_MISSING_S, FrameRequest, sample_picture
from engine.protocol import Hit, Picture, Span, rational
from engine.training.corpus import EncodedClip
from engine.training.prepare.manifest import HitsFrom
from engine.training.prepare.tools import Tools

PIECE_S = 10
SHORTEST_S = 1
"""What is shorter teaches nothing; the last piece of a clip is left out where it would be."""
LONGEST_S = 15 * 60
LATE_S = 1.0
"""A hit that is named so long after the film's end is another film's; up to there it is only not heard."""
SILENCE = 10 ** (-60 / 20)
"""A piece whose greatest sample is below is silent."""

Floats = NDArray[np.float32]


class Unusable(FoleyError):
    """A clip that cannot be used; it is listed with this sentence."""

    code = "clip"


@dataclass(frozen=True)
class Piece:
    """One piece, without label; it starts at `start_s` from the film's first picture."""

    start_s: float
    clip: EncodedClip


@dataclass(frozen=True)
class MadeClip:
    """All pieces of one film that can be heard."""

    pieces: list[Piece]
    hits_from: HitsFrom


@dataclass(frozen=True)
class _Film:
    """`wav` at the codec's rate. Times count from the first picture: what can be both seen and heard, and how far
    the container promises the picture."""

    path: Path
    wav: Floats
    start_s: float
    end_s: float
    promised_end_s: float


def make_clip(path: Path, tools: Tools, features_per_s: int) -> MadeClip:
    """
    Raises:
        FoleyError: the film cannot be used; its sentence says why.
    """
    sample_rate = tools.codec.config.sample_rate
    with _troubles():
        film = _read(path, sample_rate)
        hits, hits_from = _hits(film, sample_rate)
    curve = intensity_curve(film.wav, sample_rate)
    pieces = []
    heard = _heard(film, _cuts(film, tools), tools)
    for frames in heard:
        with _troubles():
            pictures = _pictures(film, frames, tools, features_per_s, to_the_end=frames is heard[-1])
        features = tools.encoder.encode(pictures).numpy()
        pieces.append(_piece(film, frames, features, features_per_s, curve, hits, tools))
    return MadeClip(pieces, hits_from)


@contextlib.contextmanager
def _troubles() -> Iterator[None]:
    """Whatever a damaged file makes a decoder raise, as a sentence."""
    try:
        yield
    except (FoleyError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise Unusable(f"The film cannot be decoded ({type(error).__name__}: {error}).") from error


def _read(path: Path, sample_rate: int) -> _Film:
    sound = read_film_sound(path)
    if sound.missing_s > MAX_MISSING_S:
        raise MediaTruncated(
            f"The media file {path} is cut short: {sound.missing_s:.1f} s of its sound are missing."
        )
    with OpenVideo(path) as video:
        starts_late_s = sound.start_s - video.origin_s
        promised_end_s = video.promised_end_s
    wav = sound.wav[max(0, round(-starts_late_s * sound.sample_rate)) :]
    start_s = max(0.0, starts_late_s)
    sound_end_s = start_s + wav.size / sound.sample_rate
    if promised_end_s is None:
        promised_end_s = sound_end_s
    end_s = min(sound_end_s, promised_end_s)
    if end_s - start_s < SHORTEST_S:
        raise Unusable(f"It lasts {max(0.0, end_s - start_s):.2f} s: a clip needs at least {SHORTEST_S} s.")
    if end_s > LONGEST_S:
        raise Unusable(f"It lasts {end_s / 60:.0f} minutes: cut it into clips of at most {LONGEST_S // 60}.")
    if not np.isfinite(wav).all():
        raise Unusable("Its sound holds samples that are no numbers.")
    return _Film(path, resample(wav, sound.sample_rate, sample_rate), start_s, end_s, promised_end_s)


def _hits(film: _Film, sample_rate: int) -> tuple[list[Hit], HitsFrom]:
    """Hits from the start of the film's sound: those of NAME.json, else what is heard."""
    truth = read_truth(film.path.with_suffix(".json"))
    if truth is None or truth.hits is None:
        return detect_onsets(film.wav, sample_rate), "sound"
    late = [hit.time_s for hit in truth.hits if hit.time_s > film.promised_end_s + LATE_S]
    if late:
        raise Unusable(
            f"Its JSON has a hit at {late[0]:g} s, but the film ends at {film.promised_end_s:.2f} s: correct it."
        )
    hits = sorted(truth.hits, key=lambda hit: hit.time_s)
    return [Hit(hit.time_s - film.start_s, hit.strength) for hit in hits], "file"


def _cuts(film: _Film, tools: Tools) -> list[range]:
    """The codec frames of each piece: whole ones alone, so that no piece ends in padding."""
    rate = tools.codec.frame_rate
    seconds = min(film.wav.size / tools.codec.config.sample_rate, film.end_s - film.start_s)
    total = int(seconds * rate + 1e-6)
    cuts = [range(first, min(first + PIECE_S * rate, total)) for first in range(0, total, PIECE_S * rate)]
    return [cut for cut in cuts if len(cut) >= SHORTEST_S * rate]


def _heard(film: _Film, cuts: Sequence[range], tools: Tools) -> list[range]:
    """The pieces that are not silent."""
    hop = tools.codec.config.hop_length
    heard = [cut for cut in cuts if np.abs(film.wav[cut.start * hop : cut.stop * hop]).max() >= SILENCE]
    if not heard:
        raise Unusable("It is silent.")
    return heard


def _piece(
    film: _Film,
    frames: range,
    features: Floats,
    features_per_s: int,
    curve: Floats,
    hits: Sequence[Hit],
    tools: Tools,
) -> Piece:
    hop, rate = tools.codec.config.hop_length, tools.codec.frame_rate
    start_s, stop_s = frames.start / rate, frames.stop / rate
    return Piece(
        start_s=round(film.start_s + start_s, 6),
        clip=EncodedClip(
            codes=_codes(film.wav[frames.start * hop : frames.stop * hop], tools),
            features=features,
            features_per_s=features_per_s,
            curve=curve[frames.start : frames.stop],
            label=None,
            hits=[Hit(h.time_s - start_s, h.strength) for h in hits if start_s <= h.time_s < stop_s],
        ),
    )


@torch.inference_mode()
def _codes(wav: Floats, tools: Tools) -> NDArray[np.int16]:
    """wav [T * hop] -> [K, T]; one piece at a time, so that no neighbour shapes its bytes."""
    samples = torch.from_numpy(np.ascontiguousarray(wav))[None, None].to(tools.device)
    return tools.codec.encode(samples)[0].to("cpu", torch.int16).numpy()


def _pictures(
    film: _Film, frames: range, tools: Tools, features_per_s: int, *, to_the_end: bool
) -> NDArray[np.uint8]:
    """The pictures [N, F, S, S, 3] of a piece's features; feature i is of i / features_per_s seconds onwards.

    With `to_the_end` the film's last picture is decoded as well, which finds a film that is cut short.
    """
    eyes, rate = tools.encoder.describe(), tools.codec.frame_rate
    moments = frames.start / rate + np.arange(-(-len(frames) * features_per_s // rate)) / features_per_s
    within = np.arange(eyes.frames_per_feature) / (eyes.frames_per_feature * eyes.features_per_s)
    times_s = film.start_s + moments[:, None] + within
    wanted = [*times_s.ravel(), film.promised_end_s] if to_the_end else list(times_s.ravel())
    picture = Picture(str(film.path), [Span(rational(Fraction(film.promised_end_s + 1)), (0, 1))])
    request = FrameRequest(wanted, eyes.image_size, eyes.image_size, "rgb24", eyes.fit)
    [seen] = sample_picture(picture, [request])
    return seen[: times_s.size].reshape(*times_s.shape, *seen.shape[1:])
