"""A codec from a folder of recordings, into OUT/codec: EnCodec's trained, one of bands found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.codec.encodec import Encodec
from engine.config import CodecConfig
from engine.errors import RequestError
from engine.training.band_codec import BandCodecSearch, find_codec
from engine.training.board import open_board
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.distributed import ALONE, Ranks
from engine.training.recordings import RecordingLibrary
from engine.training.settings import changed, split_by
from engine.training.state import step_of

Log = Callable[[str], None]
AnyCodecTraining = CodecTraining | BandCodecSearch


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
) -> Encodec:
    """Train to the last step, or find; goes on where it stopped. What comes back is the average of the weights.

    Args:
        settings: over the others; `codec.…` are the codec's shape.

    Raises:
        RequestError, CheckpointCorrupt, TrainingDiverged.
    """
    of_codec, of_training = split_by(settings, "codec")
    config = changed(config, {name.removeprefix("codec."): value for name, value in of_codec.items()})
    folder, training = out / "codec", changed(training, of_training)
    if isinstance(training, BandCodecSearch) != (config.bands is not None):
        raise RequestError(
            "A codec of bands is found and SEANet's is trained: leave codec.bands as the preset has it."
        )
    if isinstance(training, BandCodecSearch):
        if ranks.size > 1:
            raise RequestError(
                "A codec of bands is found in minutes: do it in one process, without torchrun."
            )
        return find_codec(config, training, library, folder, log, device=ranks.device)
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    trainer = CodecTrainer(config, training, library, folder, log, ranks=ranks, board=board)
    trainer.run()
    if board is not None:
        board.close()
    return trainer.averaged()
