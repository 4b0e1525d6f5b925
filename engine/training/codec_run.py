"""A training of a codec on a folder of recordings, into OUT/codec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.config import CodecConfig
from engine.errors import RequestError
from engine.training.band_codec import BandCodecTrainer, BandCodecTraining
from engine.training.board import open_board
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.distributed import ALONE, Ranks
from engine.training.recordings import RecordingLibrary
from engine.training.settings import changed, split_by
from engine.training.state import step_of

Log = Callable[[str], None]
AnyCodecTraining = CodecTraining | BandCodecTraining


def train_codec(
    library: RecordingLibrary,
    config: CodecConfig,
    training: AnyCodecTraining,
    settings: Mapping[str, Any],
    out: Path,
    log: Log,
    *,
    ranks: Ranks = ALONE,
    tensorboard: bool | None = False,
) -> CodecTrainer | BandCodecTrainer:
    """Train to the last step; goes on where it stopped.

    Args:
        settings: over the others; `codec.…` are the codec's shape.

    Raises:
        RequestError, CheckpointCorrupt, TrainingDiverged.
    """
    of_codec, of_training = split_by(settings, "codec")
    config = changed(config, {name.removeprefix("codec."): value for name, value in of_codec.items()})
    folder, training = out / "codec", changed(training, of_training)
    if isinstance(training, BandCodecTraining) != (config.bands is not None):
        raise RequestError(
            "Codecs of bands and of SEANet are trained by different loops: leave codec.bands as the preset has it."
        )
    if isinstance(training, BandCodecTraining) and ranks.size > 1:
        raise RequestError("A codec of bands is small: train it in one process, without torchrun.")
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    trainer: CodecTrainer | BandCodecTrainer = (
        BandCodecTrainer(config, training, library, folder, log, device=ranks.device, board=board)
        if isinstance(training, BandCodecTraining)
        else CodecTrainer(config, training, library, folder, log, ranks=ranks, board=board)
    )
    trainer.run()
    if board is not None:
        board.close()
    return trainer
