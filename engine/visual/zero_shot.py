"""What makes the sound, by how near words are to the picture: CLIP's zero-shot classification (arXiv 2103.00020)."""

from __future__ import annotations

import msgspec
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.media.array_cache import ArrayCache, Arrays
from engine.visual.encoder import EncoderInfo, TextReader, label_words

TEMPLATES = ("a video of {}", "a photo of {}", "the sound of {}")
"""A label is the mean direction of these, as CLIP's authors do with their eighty."""


class ZeroShot:
    """Ranks labels for pictures seen by the same model that reads the labels' words."""

    def __init__(
        self,
        reader: TextReader,
        info: EncoderInfo,
        labels: tuple[str, ...],
        logit_scale: float,
        cache: ArrayCache | None,
    ) -> None:
        """Reading the labels takes seconds with a large model: it happens once, and the cache keeps it."""
        self._reader, self._info, self._labels = reader, info, labels or FOLEY_WORDS
        self._logit_scale, self._cache = logit_scale, cache
        self._directions: Tensor | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return self._labels

    @torch.inference_mode()
    def label_probabilities(self, features: Tensor) -> Tensor:
        """Features [N, width] of one clip -> probabilities [labels]: softmax of the scaled cosines."""
        if self._directions is None:
            self._directions = self._read_labels()
        seen = F.normalize(F.normalize(features, dim=-1).mean(dim=0), dim=-1)
        return (self._logit_scale * (self._directions @ seen)).softmax(dim=-1)

    def _read_labels(self) -> Tensor:
        """[labels, width], of unit length."""
        if self._cache is None:
            return torch.from_numpy(self._read_afresh()["directions"])
        key = msgspec.json.encode(("zero-shot", self._info, self._labels, TEMPLATES))
        return torch.from_numpy(self._cache.recall(key, self._read_afresh)["directions"])

    @torch.inference_mode()
    def _read_afresh(self) -> Arrays:
        texts = [template.format(label_words(label)) for label in self._labels for template in TEMPLATES]
        directions = self._reader.embed_texts(texts).reshape(len(self._labels), len(TEMPLATES), -1)
        return {"directions": F.normalize(directions.mean(dim=1), dim=-1).numpy()}


FOLEY_WORDS = (
    "footsteps on a wooden floor",
    "footsteps on concrete",
    "footsteps on gravel",
    "footsteps on grass",
    "footsteps in snow",
    "footsteps in mud",
    "footsteps in water",
    "footsteps on metal",
    "footsteps on carpet",
    "running",
    "horse hooves",
    "a door closing",
    "a car door closing",
    "a window closing",
    "knocking on a door",
    "a key in a lock",
    "a hammer",
    "a saw",
    "a drill",
    "a shovel digging",
    "a ratchet",
    "scissors",
    "a zipper",
    "a switch clicking",
    "typing on a keyboard",
    "writing with a pen",
    "turning pages",
    "tearing paper",
    "shuffling cards",
    "dice rolling",
    "coins dropping",
    "clothes rustling",
    "leather creaking",
    "wood creaking",
    "a chain rattling",
    "a bell ringing",
    "a clock ticking",
    "glass breaking",
    "wood breaking",
    "a stone dropping",
    "a metal impact",
    "a wood impact",
    "a body falling",
    "a punch",
    "clapping hands",
    "snapping fingers",
    "drumming",
    "a ball bouncing",
    "skateboarding",
    "a wheel rolling on the ground",
    "a bicycle",
    "a car passing by",
    "swords clashing",
    "a bow and arrow",
    "a whoosh through the air",
    "pouring water",
    "water dripping",
    "a water splash",
    "a stream flowing",
    "sea waves",
    "swimming",
    "rain",
    "thunder",
    "wind",
    "leaves rustling",
    "a fire burning",
    "frying food",
    "chopping vegetables",
    "stirring a cup",
    "dishes clattering",
    "eating",
    "drinking",
    "a bottle opening",
    "wings flapping",
    "a dog walking",
)
"""Labels for a model that has none of its own."""
