"""Find the codec of bands: principal components of the shapes of frames, and codebooks by k-means.

Nothing of that is trained by gradients, so that the codec is there after a minute of one core, and its tokens are
final.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.codec.bands import BandDecoder, BandEncoder, set_components
from engine.codec.encodec import Encodec
from engine.codec.gain_shape import seen_of
from engine.config import CodecConfig
from engine.errors import CheckpointCorrupt
from engine.training.crops import CropConfig, draw_batch, pooled
from engine.training.recordings import RecordingLibrary, refuse_other_rate
from engine.training.state import read_state, write_state

Log = Callable[[str], None]

SEED_STRIDE = 1_000_003


@dataclass(frozen=True)
class BandCodecSearch:
    """What components and codebooks are found from: crops of recordings, `batch` at a time."""

    num_crops: int = 1024
    batch: int = 16
    crops: CropConfig = field(default_factory=lambda: CropConfig(sample_rate=48_000, num_samples=61_440))
    gain_spread_db: float = 36.0
    seed: int = 1


@torch.no_grad()
def find_codec(
    config: CodecConfig,
    search: BandCodecSearch,
    library: RecordingLibrary,
    folder: Path,
    log: Log,
    *,
    device: torch.device | None = None,
) -> Encodec:
    """The codec of a folder, found and written there if it is not yet: found again, its tokens would be others.

    Raises:
        RequestError: the recordings were read at another rate than the codec's.
        CheckpointCorrupt: the folder holds another kind of codec, or one of another shape.
    """
    refuse_other_rate(library, config.sample_rate)
    torch.manual_seed(search.seed)  # what its detail, which is nothing yet, begins with
    codec = Encodec(config)
    state = read_state(folder)
    if state is not None:
        if state.get("config") != config:
            raise CheckpointCorrupt(
                f"The run in {folder} is of another kind of codec: choose another --out, or move it away."
            )
        codec.load_state_dict(state["codec"])
        log("components and codebooks were found before")
        return codec
    _find(codec.to(device or torch.device("cpu")), search, library)
    state = {"step": 0, "codec": codec.cpu().state_dict(), "config": config, "training": asdict(search)}
    write_state(folder, state)
    (folder / "training.json").write_text(json.dumps(asdict(search), indent=1), encoding="utf-8")
    log("components and codebooks found")
    return codec


def _find(codec: Encodec, search: BandCodecSearch, library: RecordingLibrary) -> None:
    encoder, decoder = codec.encoder, codec.decoder
    assert isinstance(encoder, BandEncoder) and isinstance(decoder, BandDecoder)
    batches = range(max(1, search.num_crops // search.batch))
    pool = torch.cat([_seen_crops(encoder, search, library, number) for number in batches])
    set_components(encoder, decoder, pool)
    latents = torch.cat([encoder.latents(part) for part in torch.split(pool, search.batch)])
    flat = latents.transpose(1, 2).reshape(-1, codec.config.latent_dim)
    generator = torch.Generator().manual_seed(search.seed * SEED_STRIDE - 1)
    codec.quantizer.start_by_kmeans(flat, generator=generator)


def _seen_crops(
    encoder: BandEncoder, search: BandCodecSearch, library: RecordingLibrary, number: int
) -> Tensor:
    """What is seen of a batch of crops, [batch, T * rows_a_frame, 3, bands]: a function of (seed, number)."""
    rng = np.random.default_rng((search.seed, SEED_STRIDE + number))
    crops = replace(search.crops, sample_rate=encoder.sound.sample_rate)
    wav = draw_batch(rng, pooled(library.of_split("train")), crops, search.batch, search.gain_spread_db)
    rows = encoder.sound.analyse(torch.from_numpy(wav).to(encoder.components.weight.device))
    return seen_of(rows, encoder.sound.emphasis_db)
