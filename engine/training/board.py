"""TensorBoard: scalars, sounds and their spectrograms. An extra; a training runs the same without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import RequestError
from engine.prints.mel import mel_bank

INSTALL = "`uv pip install 'foley[train]'`"
RANGE_DB = 80.0


class Board:
    """Writes to RUN/tensorboard."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def scalars(self, step: int, numbers: dict[str, float]) -> None:
        for name, number in numbers.items():
            self._writer.add_scalar(name, number, step)

    def sound(self, step: int, name: str, wav: NDArray[np.float32], sample_rate: int) -> None:
        """Mono wav [N], to be heard and, as a log-mel spectrogram, seen."""
        self._writer.add_audio(name, np.clip(wav, -1, 1)[None], step, sample_rate=sample_rate)
        self._writer.add_image(f"{name}/spectrogram", spectrogram(wav, sample_rate), step)

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def open_board(
    folder: Path, step: int, *, wanted: bool | None, log: Callable[[str], None] = lambda line: None
) -> Board | None:
    """A board that goes on at `step`: what an earlier run wrote past it is no longer shown.

    Args:
        wanted: None for "where it is installed".

    Raises:
        RequestError: it is wanted and not installed.
    """
    if wanted is False:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        if wanted:
            raise RequestError(f"TensorBoard is not installed: install it with {INSTALL}.") from None
        log(f"no TensorBoard: install it with {INSTALL} to watch the training")
        return None
    # Steps from purge_step on are dropped by TensorBoard itself when it reads the run.
    return Board(SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1))


def spectrogram(wav: NDArray[np.float32], sample_rate: int, *, n_fft: int = 1024) -> NDArray[np.uint8]:
    """Grey picture [1, 80, frames] of wav [N]: log-mel power over 80 dB, low bands at the bottom."""
    wave = torch.from_numpy(np.ascontiguousarray(wav, np.float32))
    bins = torch.stft(
        wave, n_fft, n_fft // 4, window=torch.hann_window(n_fft), pad_mode="constant", return_complex=True
    )
    power = mel_bank(sample_rate, n_fft, 80) @ bins.abs().square()
    level_db = 10 * torch.log10(power.clamp(min=1e-10))
    light = 1 + (level_db - level_db.max()).clamp(min=-RANGE_DB) / RANGE_DB
    return (light.flip(0)[None] * 255).to(torch.uint8).numpy()
