"""One look at a picture: one decode, and hits, curve and features from it; kept in memory and on disk.

The disk's copy is found by what the look depends on: the media's content, the spans, the encoder and the spotter
by their weights. So a second take decodes no video, also in a new process, and a changed file is looked at afresh.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.metadata import version

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoints import tensors_sha256
from engine.errors import FoleyError, RequestError
from engine.media.array_cache import ArrayCache, Arrays
from engine.media.fingerprint import picture_fingerprint
from engine.media.image_sequence import media_stamp
from engine.media.scaling import FRAMED
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Hit, LabelGuess, Picture, ProtocolError
from engine.visual.encoder import LabelGuesser, VisualEncoder
from engine.visual.pan import pan_of
from engine.visual.spotter import Spotter

OnProgress = Callable[[str, float], None]
"""Called with a stage's name and the share of it that is done; may raise `Cancelled`."""

MAX_DURATION_S = 3600
CHUNK_S = 60
"""A long picture is decoded and encoded in parts, so that its frames never lie in memory all at once."""

MAX_GUESSES = 10
KEPT_IN_MEMORY = 16


@dataclass(frozen=True)
class Sight:
    """What one look at a picture gave. Times count from the picture's start."""

    hits: list[Hit]
    curve: NDArray[np.float32]
    features: Tensor
    labels: list[LabelGuess]
    pan: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """See `engine.visual.pan`."""


class Looker:
    """A spotter and an encoder that look at pictures together."""

    def __init__(
        self,
        encoder: VisualEncoder,
        spotter: Spotter,
        *,
        guesser: LabelGuesser | None = None,
        cache: ArrayCache | None = None,
        device: str = "cpu",
    ) -> None:
        """
        Args:
            device: where the encoder computes; what another one saw differs in the last bits, and takes follow those.
        """
        self._encoder, self._spotter, self._guesser = encoder, spotter, guesser
        self._cache, self._device = cache, device
        self._kept: OrderedDict[bytes, Sight] = OrderedDict()

    def look(self, picture: Picture, on_progress: OnProgress) -> Sight:
        """
        Raises:
            RequestError: the picture is empty or longer than an hour.
            MediaError: the media cannot be decoded.
        """
        duration = picture.duration
        if not 0 < duration <= MAX_DURATION_S:
            raise RequestError(
                f"The picture lasts {float(duration):.1f} s: choose between a frame and an hour of it."
            )
        stamped = _stamped(picture)
        if stamped not in self._kept:
            self._kept[stamped] = self._sight(self._arrays(picture, on_progress))
        self._kept.move_to_end(stamped)
        while len(self._kept) > KEPT_IN_MEMORY:
            self._kept.popitem(last=False)
        return self._kept[stamped]

    def guesses(self, features: Tensor) -> list[LabelGuess]:
        """The likeliest labels for features [N, width] of one clip, best first; none where nobody can guess."""
        if self._guesser is None:
            return []
        probabilities = self._guesser.label_probabilities(features)
        best = probabilities.argsort(descending=True)[:MAX_GUESSES].tolist()
        return [LabelGuess(self._guesser.labels[i], float(probabilities[i])) for i in best]

    def _sight(self, arrays: Arrays) -> Sight:
        features = torch.from_numpy(arrays["features"])
        hits = [Hit(float(time_s), float(strength)) for time_s, strength in arrays["hits"]]
        return Sight(hits, arrays["curve"], features, self.guesses(features), arrays["pan"])

    def _arrays(self, picture: Picture, on_progress: OnProgress) -> Arrays:
        key = None if self._cache is None else self._key(picture)
        if key is None or self._cache is None:
            return self._look_afresh(picture, on_progress)
        return self._cache.recall(key, lambda: self._look_afresh(picture, on_progress))

    def _key(self, picture: Picture) -> bytes | None:
        """All that a look depends on; None for media that cannot be read, which the decoder will tell of."""
        try:
            media = picture_fingerprint(picture.media)
        except (OSError, ProtocolError):
            return None
        spotter = self._spotter
        parts = (
            f"sight, panned, holds shortened, {FRAMED}",
            version("foley"),
            media,
            picture.spans,
            self._encoder.describe(),
            (spotter.config, spotter.settings, tensors_sha256(spotter.net.state_dict())),
            *(() if self._device == "cpu" else (self._device,)),
        )
        return msgspec.json.encode(parts)

    def _look_afresh(self, picture: Picture, on_progress: OnProgress) -> Arrays:
        spotter, duration = self._spotter.config, picture.duration
        # Filled part by part: joined from parts at the end, it would lie in memory twice.
        grey = np.empty((math.ceil(duration * spotter.frame_rate), spotter.height, spotter.width), np.uint8)
        features = []
        for start_s in range(0, math.ceil(duration), CHUNK_S):
            part, of_part = self._look_at_part(picture, start_s, on_progress)
            first = start_s * spotter.frame_rate
            grey[first : first + len(part)] = part
            features.append(of_part)
        on_progress("spot", 0.0)
        found = self._spotter.spot(grey, spotter.frame_rate)
        on_progress("look", 1.0)
        return {
            "hits": np.array([(hit.time_s, hit.strength) for hit in found.hits], np.float64).reshape(-1, 2),
            "curve": found.curve,
            "features": torch.cat(features).numpy(),
            "pan": pan_of(grey, spotter.frame_rate),
        }

    def _look_at_part(
        self, picture: Picture, start_s: int, on_progress: OnProgress
    ) -> tuple[NDArray[np.uint8], Tensor]:
        """The spotter's grey frames and the encoder's features of a minute of the picture, from one decode."""
        spotter, eyes, duration = self._spotter.config, self._encoder.describe(), picture.duration
        end_s = min(duration, Fraction(start_s + CHUNK_S))
        rate = spotter.frame_rate
        grey_times_s = np.arange(start_s * rate, math.ceil(end_s * rate)) / rate
        features_before = start_s * eyes.features_per_s
        colour_times_s = eyes.picture_times(end_s)[features_before:]
        grey, colour = sample_picture(
            picture,
            [
                FrameRequest(grey_times_s, spotter.width, spotter.height, "gray8"),
                FrameRequest(colour_times_s.ravel(), eyes.image_size, eyes.image_size, "rgb24", eyes.fit),
            ],
            on_progress=lambda share: on_progress(
                "decode", (start_s + share * float(end_s - start_s)) / float(duration)
            ),
        )
        features = self._encoder.encode(colour.reshape(*colour_times_s.shape, *colour.shape[1:]))
        return grey, features


def _stamped(picture: Picture) -> bytes:
    """The picture and its file's time and size: enough to know it again within one process."""
    try:
        stamp = media_stamp(picture.media)
    except (OSError, FoleyError):
        stamp = (0, 0)
    return msgspec.json.encode((picture, stamp))
