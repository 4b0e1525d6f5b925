"""Hits and an intensity curve of a picture: the motion network with its thresholds, and a plain baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.config import SpotterConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.media.intensity import CURVE_RATE
from engine.protocol import Hit
from engine.visual.holds import Shortened, shortened
from engine.visual.motion import MAX_REPEATS, Motion, MotionNets, frame_facts

WEIGHTS_FILE = "spotter.safetensors"
ABOUT_FILE = "spotter.json"
SETTINGS_PREFIX = "spotter_"
MAX_OFFSET_FRAMES = 2.0
CUT_REACH_FRAMES = 1
MEDIAN_RADIUS_S = 0.5


class SpotterSettings(Struct, frozen=True):
    """Numbers fixed on rendered validation scenes, kept beside the weights.

    `offset_s` is added to every hit: it takes away the constant error that was found there.
    """

    threshold: float = 0.4
    min_gap_s: float = 0.1
    offset_s: float = 0.0

    @classmethod
    def from_numbers(cls, numbers: Mapping[str, float]) -> SpotterSettings:
        """From a model's settings, where names start with "spotter_"; what is missing is as by default."""
        names = [name for name in cls.__struct_fields__ if SETTINGS_PREFIX + name in numbers]
        return cls(**{name: numbers[SETTINGS_PREFIX + name] for name in names})

    def numbers(self) -> dict[str, float]:
        """For a model's settings."""
        return {SETTINGS_PREFIX + name: getattr(self, name) for name in self.__struct_fields__}


class SpotterAbout(Struct, frozen=True):
    """What stands in the JSON beside the weights."""

    config: SpotterConfig
    settings: dict[str, float]


@dataclass(frozen=True)
class SpotResult:
    """`hits` in time order, times from the picture's start; `curve` float32 [ceil(50 x duration)], 0 to 1."""

    hits: list[Hit]
    curve: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Watched:
    """What the motion network made of a picture, before any threshold.

    `is_cut` is [T], of the frames that were looked at; `short` says which these are, where not all were.
    """

    motion: Motion
    is_cut: NDArray[np.bool_]
    short: Shortened | None


class Spotter:
    """Finds hits in grey frames of the picture as played."""

    def __init__(self, net: MotionNets, settings: SpotterSettings | None = None) -> None:
        self.net = net.eval().requires_grad_(False)
        self.settings = settings or SpotterSettings()

    @property
    def config(self) -> SpotterConfig:
        return self.net.config

    @classmethod
    def from_weights(
        cls, config: SpotterConfig, tensors: dict[str, Tensor], numbers: Mapping[str, float]
    ) -> Spotter:
        """From weights of any float type, and a model's settings.

        Raises:
            CheckpointCorrupt: the weights are not this network's.
        """
        net = MotionNets(config)
        try:
            net.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except RuntimeError as error:
            raise CheckpointCorrupt(
                "The spotter's weights do not fit its config; install the model again."
            ) from error
        return cls(net, SpotterSettings.from_numbers(numbers))

    @classmethod
    def read(cls, folder: str | Path) -> Spotter:
        """From a folder that `write` has written.

        Raises:
            CheckpointNotFound, CheckpointCorrupt.
        """
        weights, about = Path(folder) / WEIGHTS_FILE, Path(folder) / ABOUT_FILE
        if not weights.is_file() or not about.is_file():
            raise CheckpointNotFound(
                f"There is no spotter in {folder}; train one or install the model again."
            )
        try:
            record = msgspec.json.decode(about.read_bytes(), type=SpotterAbout)
            return cls.from_weights(record.config, load_file(weights), record.settings)
        except (SafetensorError, msgspec.MsgspecError) as error:
            raise CheckpointCorrupt(
                f"The spotter in {folder} is damaged; install the model again."
            ) from error

    def write(self, folder: str | Path) -> None:
        """Weights (16 bits, safetensors), and config and settings (JSON)."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.half().contiguous() for name, tensor in self.net.state_dict().items()}
        save_file(tensors, folder / WEIGHTS_FILE)
        about = SpotterAbout(self.config, self.settings.numbers())
        (folder / ABOUT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(about)) + b"\n")

    def spot(
        self, frames_grey: NDArray[np.uint8], frame_rate: float, duration_s: float | None = None
    ) -> SpotResult:
        """Hits and curve of frames uint8 [T, 36, 48], shown at `frame_rate` from the picture's start.

        `duration_s` is the picture's where it does not end with a whole frame.
        """
        duration_s = len(frames_grey) / frame_rate if duration_s is None else duration_s
        if len(frames_grey) == 0:
            return SpotResult([], np.zeros(math.ceil(duration_s * CURVE_RATE - 1e-9), np.float32))
        watched, rate = self.watch(frames_grey, frame_rate), self.config.frame_rate
        hits = picked_hits(watched, self.settings, frame_rate=rate, duration_s=duration_s)
        curve = curve_at_codec_rate(watched.motion.curve[0].numpy(), rate, duration_s, watched.short)
        return SpotResult(hits, curve)

    def watch(self, frames_grey: NDArray[np.uint8], frame_rate: float) -> Watched:
        """Of at least one frame."""
        frames = torch.from_numpy(held_at_rate(frames_grey, frame_rate, self.config.frame_rate))[None]
        facts = frame_facts(frames)
        short = shortened(facts.is_new[0].numpy() > 0)
        if short is not None:
            frames = frames[:, short.kept]
            facts = frame_facts(frames)
        return Watched(self.net.motion_in_chunks(frames, facts), facts.is_cut[0].numpy() > 0, short)


def held_at_rate(frames: NDArray[np.uint8], from_rate: float, to_rate: float) -> NDArray[np.uint8]:
    """Frames [T, H, W] as a player at another rate shows them: each held until the next."""
    if abs(from_rate - to_rate) < 1e-9:
        return np.ascontiguousarray(frames)
    count = math.ceil(len(frames) / from_rate * to_rate - 1e-6)
    shown = np.floor(np.arange(count) / to_rate * from_rate + 1e-6).astype(int)
    return np.ascontiguousarray(frames[np.clip(shown, 0, max(0, len(frames) - 1))])


def picked_hits(
    watched: Watched, settings: SpotterSettings, *, frame_rate: float, duration_s: float
) -> list[Hit]:
    """The peaks of the first row's hit probability, the surest first where two are too close."""
    motion = watched.motion
    probability = motion.hit_logit[0].float().sigmoid().numpy().copy()
    for cut in np.flatnonzero(watched.is_cut).tolist():
        probability[max(0, cut - CUT_REACH_FRAMES) : cut + CUT_REACH_FRAMES + 1] = 0
    offset = motion.offset_frames[0].float().numpy().clip(-MAX_OFFSET_FRAMES, MAX_OFFSET_FRAMES)
    # The least gap was fixed for what the network is shown, so it counts there and not where pictures are held.
    places = np.arange(len(probability)) + 0.5 + offset
    kept = picked_peaks(probability, places / frame_rate, settings.threshold, settings.min_gap_s)
    times_s = _shown(places, watched.short) / frame_rate + settings.offset_s
    strength = motion.strength[0].float().numpy()
    last_s = max(0.0, duration_s - 1e-3)
    hits = [Hit(float(np.clip(times_s[i], 0, last_s)), round(float(strength[i]), 4)) for i in kept]
    return sorted(hits, key=lambda hit: hit.time_s)


def picked_peaks(
    height: NDArray[np.floating], times_s: NDArray[np.floating], threshold: float, min_gap_s: float
) -> list[int]:
    """Indices of local maxima above the threshold, highest first, no two closer than the gap."""
    edged = np.concatenate([[-np.inf], height, [-np.inf]])
    is_peak = (height > edged[:-2]) & (height >= edged[2:]) & (height >= threshold)
    kept: list[int] = []
    for i in sorted(np.flatnonzero(is_peak), key=lambda i: -height[i]):
        if all(abs(times_s[i] - times_s[k]) >= min_gap_s for k in kept):
            kept.append(int(i))
    return kept


def curve_at_codec_rate(
    curve: NDArray[np.floating], frame_rate: float, duration_s: float, short: Shortened | None = None
) -> NDArray[np.float32]:
    """A curve at the middles of picture frames, read at the middles of codec frames."""
    at_s = (np.arange(math.ceil(duration_s * CURVE_RATE - 1e-9)) + 0.5) / CURVE_RATE
    middles_s = _shown(np.arange(len(curve)) + 0.5, short) / frame_rate
    return np.asarray(np.interp(at_s, middles_s, curve), np.float32)


def _shown(places: NDArray[np.floating], short: Shortened | None) -> NDArray[np.floating]:
    """Where in the picture they lie, in frames."""
    return places if short is None else short.in_whole(places)


def difference_peaks(
    frames_grey: NDArray[np.uint8], frame_rate: float, sensitivity: float = 1.0, min_gap_s: float = 0.1
) -> list[Hit]:
    """The plain baseline: peaks of the mean absolute frame difference of frames uint8 [T, H, W].

    A peak counts where it stands `sensitivity` deviations above the local median. Frames that only repeat
    the one before, because the footage has fewer, are left out.
    """
    change = np.abs(np.diff(frames_grey.astype(np.float32), axis=0, prepend=frames_grey[:1])).mean((1, 2))
    is_still = np.convolve(change > 0, np.ones(MAX_REPEATS + 1), "full")[: len(change)] == 0
    counted = np.flatnonzero((change > 0) | is_still)
    heights, times_s = change[counted], counted / frame_rate
    if len(counted) < 3:
        return []
    above = np.array(
        [
            height - np.median(heights[np.abs(times_s - at) <= MEDIAN_RADIUS_S])
            for height, at in zip(heights, times_s, strict=True)
        ]
    )
    deviation = float(heights.std()) or 1.0
    kept = picked_peaks(above, times_s, sensitivity * deviation, min_gap_s)
    top = max((float(above[i]) for i in kept), default=1.0)
    return sorted((Hit(float(times_s[i]), float(above[i]) / top) for i in kept), key=lambda hit: hit.time_s)
