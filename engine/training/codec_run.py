"""A training of a codec on a folder of recordings, into OUT/codec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.config import CodecConfig
from engine.training.board import open_board
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.distributed import ALONE, Ranks
from engine.training.recordings import RecordingLibrary
from engine.training.settings import changed, split_by
from engine.training.state import step_of

Log = Callable[[str], None]


def train_codec(
    library: RecordingLibrary,
    config: CodecConfig,
    training: CodecTraining,
    settings: Mapping[str, Any],
    out: Path,
    log: Log,
    *,
    ranks: Ranks = ALONE,
    tensorboard: bool | None = False,
) -> CodecTrainer:
    """Train to the last step; goes on where it stopped.

    Args:
        settings: over the others; `codec.…` are the codec's shape.

    Raises:
        RequestError, CheckpointCorrupt, TrainingDiverged.
    """
    of_codec, of_training = split_by(settings, "codec")
    config = changed(config, {name.removeprefix("codec."): value for name, value in of_codec.items()})
    folder = out / "codec"
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    trainer = CodecTrainer(
        config, changed(training, of_training), library, folder, log, ranks=ranks, board=board
    )
    trainer.run()
    if board is not None:
        board.close()
    return trainer
