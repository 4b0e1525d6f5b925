"""A bench from what the command line names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.checkpoints import DEFAULT_MODEL
from engine.codec.encodec import Encodec
from engine.errors import CheckpointNotFound
from engine.evaluation.clips import find_films
from engine.evaluation.embeddings.ear import read_ear
from engine.evaluation.quality.bench import QUICK, Bench, Size
from engine.evaluation.quality.codec_opening import codec_as_shipped
from engine.opening import open_model
from engine.pipeline import Model, Pipeline
from engine.training.recordings import read_library


def open_bench(
    sounds: Path,
    *,
    model: Path | None,
    videos: Path | None,
    codec: Path | None,
    quick: bool,
    seed: int,
    log: Callable[[str], None],
) -> Bench:
    """
    Args:
        codec: one that encodes; None looks into the model's own folder.

    Raises:
        CheckpointError: model, codec or ear cannot be read.
        MediaNotFound: there are no recordings, or no films.
    """
    folder = model or DEFAULT_MODEL
    opened = open_model(folder)
    return Bench(
        pipeline=Pipeline(opened),
        library=read_library(sounds, sample_rate=opened.config.codec.sample_rate),
        ear=read_ear(),
        size=QUICK if quick else Size(),
        seed=seed,
        videos=() if videos is None else tuple(find_films(videos)),
        codec=_codec(opened, folder, codec),
        model_folder=folder,
        log=log,
    )


def _codec(model: Model, folder: Path, given: Path | None) -> Encodec | None:
    """Raises, but where the model's own folder has no encoder: then None."""
    if given is not None:
        return codec_as_shipped(given, model.codec)
    try:
        return codec_as_shipped(folder, model.codec)
    except CheckpointNotFound:
        return None
