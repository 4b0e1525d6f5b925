"""Rendered scenes on disk for the language model: sound, pictures, hits, curve, label; later their tokens.

A set is a folder of shards, each written whole or not at all and named by its first seed, so that a broken
run goes on where it stopped and several processes can share the work.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.codec.encodec import Encodec
from engine.media.intensity import intensity_curve
from engine.protocol import Hit
from engine.training.precision import autocast
from engine.training.scenes.events import EventLibrary
from engine.training.scenes.render import render_frames
from engine.training.scenes.sound import render_sound
from engine.training.scenes.spec import SceneConfig, draw_spec, scene_rng

DURATION_S = 10
PICTURES_PER_S = 2
MAX_HITS = 64
SCENES_AT_ONCE = 8
"""Encoded together on a GPU; a CPU is fastest one by one."""

LM_SCENES = SceneConfig(duration_s=DURATION_S, min_gap_s=0.12, continuous_share=0.22, still_share=0.05)


@dataclass(frozen=True)
class Shard:
    """Scenes of one shard: wav int16 [n, T], frames uint8 [n, 20, S, S, 3], curve [n, 500], label [n], hits.

    The curve is taken from the sound, so that what a model follows is what it hears. hits is float32
    [n, MAX_HITS, 2] of time_s and strength, NaN where there is none.
    """

    wav: NDArray[np.int16]
    frames: NDArray[np.uint8]
    curve: NDArray[np.float32]
    label: NDArray[np.int64]
    hits: NDArray[np.float32]

    def hits_of(self, scene: int) -> list[Hit]:
        rows = self.hits[scene]
        return [Hit(float(t), float(s)) for t, s in rows[~np.isnan(rows[:, 0])]]


def write_scenes(
    folder: Path,
    library: EventLibrary,
    labels: Sequence[str],
    seeds: range,
    *,
    sample_rate: int,
    config: SceneConfig = LM_SCENES,
    image_size: int = 64,
    shard_size: int = 50,
    workers: int = 1,
    layered: bool = False,
    on_shard: Callable[[int], None] = lambda done: None,
) -> None:
    """Render the scenes of `seeds` into shards; shards that are there already are left alone.

    Args:
        sample_rate: of the sound, the codec's.
        workers: processes that render a shard each at a time.
        layered: see `render_sound`.
        on_shard: called with the number of scenes that are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = _ShardWork(folder, library, tuple(labels), config, image_size, sample_rate, layered)
    shards = [
        range(first, min(first + shard_size, seeds.stop))
        for first in range(seeds.start, seeds.stop, shard_size)
    ]
    for done, _ in enumerate(_rendered(work, shards, workers), start=1):
        on_shard(min(done * shard_size, len(seeds)))


def read_shard(path: Path) -> Shard:
    with np.load(path) as arrays:
        return Shard(**{name: arrays[name] for name in ("wav", "frames", "curve", "label", "hits")})


def shard_paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("scenes-*.npz"))


def codes_path(shard: Path, codec_id: str) -> Path:
    """Where a shard's tokens lie; another codec writes to another file."""
    return shard.with_name(f"{shard.stem}.{codec_id}.npy")


def encode_scenes(folder: Path, codec: Encodec, codec_id: str, on_shard: Callable[[Path], None]) -> None:
    """Encode every shard that has no tokens of this codec yet: codes int16 [n, K, 500] beside it.

    On the device where the codec is.
    """
    for path in shard_paths(folder):
        target = codes_path(path, codec_id)
        if not target.exists():
            codes = np.concatenate(list(_encoded(codec, read_shard(path).wav)))
            partial = target.with_name(f".{target.name}.{os.getpid()}.npy")
            np.save(partial, codes)
            os.replace(partial, target)
        on_shard(path)


@torch.inference_mode()
def _encoded(codec: Encodec, wav: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
    device = codec.quantizer.embed.device
    at_once = 1 if device.type == "cpu" else SCENES_AT_ONCE
    for start in range(0, len(wav), at_once):
        samples = torch.from_numpy(wav[start : start + at_once].astype(np.float32) / 32767)[:, None].to(
            device
        )
        with autocast(device):
            latents = codec.encoder(samples)
        yield codec.quantizer.encode(latents.float()).to(torch.int16).cpu().numpy()


@dataclass(frozen=True)
class _ShardWork:
    """What all shards of a set have in common."""

    folder: Path
    library: EventLibrary
    labels: tuple[str, ...]
    config: SceneConfig
    image_size: int
    sample_rate: int
    layered: bool

    def write(self, seeds: range) -> None:
        path = self.folder / f"scenes-{seeds.start:012d}.npz"
        if not path.exists():
            _write_npz(path, _render_shard(self, seeds))


_work: _ShardWork | None = None
"""In a process that renders."""


def _rendered(work: _ShardWork, shards: Sequence[range], workers: int) -> Iterator[None]:
    """Each shard written, in whichever order."""
    if workers == 1:
        for seeds in shards:
            work.write(seeds)
            yield
        return
    # Forked where that can be: the recordings are then shared, not copied.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work,)) as pool:
        for future in as_completed([pool.submit(_write, seeds) for seeds in shards]):
            future.result()
            yield


def _begin(work: _ShardWork) -> None:
    global _work
    _work = work


def _write(seeds: range) -> None:
    assert _work is not None
    _work.write(seeds)


def _render_shard(work: _ShardWork, seeds: range) -> dict[str, NDArray[np.generic]]:
    index = {label: number for number, label in enumerate(work.labels)}
    moments_s = np.arange(round(work.config.duration_s * PICTURES_PER_S)) / PICTURES_PER_S
    rows: dict[str, list[NDArray[np.generic]]] = {
        name: [] for name in ("wav", "frames", "curve", "label", "hits")
    }
    for seed in seeds:
        rng = scene_rng(seed)
        spec = draw_spec(rng, work.library.view, work.config)
        wav = render_sound(spec, work.library, rng, work.sample_rate, layered=work.layered)
        hits = np.full((MAX_HITS, 2), np.nan, np.float32)
        for number, hit in enumerate(spec.hits[:MAX_HITS]):
            hits[number] = hit.time_s, hit.strength
        rows["wav"].append(np.round(wav * 32767).astype(np.int16))
        rows["frames"].append(render_frames(spec, moments_s, work.image_size, work.image_size))
        rows["curve"].append(intensity_curve(wav, work.sample_rate))
        rows["label"].append(np.array(index[spec.label]))
        rows["hits"].append(hits)
    return {name: np.stack(column) for name, column in rows.items()}


def _write_npz(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    partial = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    os.replace(partial, path)
