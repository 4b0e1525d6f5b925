"""A sheet of spectrograms as one PNG: a row a family, the real recording left, the generated take right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from engine.evaluation.page.spectrogram import RANGE_DB, as_png, mel_db
from engine.evaluation.quality.examples import SAMPLE_RATE, Example

GAP = 8
TITLE_HEIGHT = 14
MAGNIFIED = 3
"""Pixels a frame of 16 ms: spectrograms are narrow."""

Levels = NDArray[np.float32]


def sheet_png(examples: Sequence[Example]) -> bytes:
    """All rows under each other, each beneath a line that names its family and label; each picture as bright."""
    rows = [_row(example) for example in examples]
    gap = np.full((GAP, rows[0].shape[1]), -RANGE_DB, np.float32)
    parts = [part for row in rows for part in (row, gap)]
    # The lowest band lies at the bottom of a PNG, so the first row comes last.
    return as_png(np.concatenate(parts[::-1], axis=0), 0.0)


def levels_of(wav: NDArray[np.float32]) -> Levels:
    """Mel bands [bands, frames] in dB under the loudest."""
    found = mel_db(wav, SAMPLE_RATE)
    return np.asarray((found - found.max()).repeat(MAGNIFIED, axis=1), np.float32)


def _row(example: Example) -> Levels:
    real, made = levels_of(example.real), levels_of(example.made)
    gap = np.full((real.shape[0], GAP), -RANGE_DB, np.float32)
    picture = np.concatenate([real, gap, made], axis=1)
    title = np.full((TITLE_HEIGHT, picture.shape[1]), -RANGE_DB, np.float32)
    _write(title, f"{example.family}: {example.label}, real", 0)
    _write(title, "generated", real.shape[1] + GAP)
    return np.concatenate([picture, title], axis=0)


def _write(band: Levels, text: str, left: int) -> None:
    """Letters in the brightest colour, in place; the band's first line is its lowest."""
    height, width = band.shape
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).text((left + 2, 1), text, fill=255, font=ImageFont.load_default())
    lit = np.asarray(image)[::-1] > 100
    band[lit] = 0.0
