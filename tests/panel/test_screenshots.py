"""What the panel looks like, beside what it looked like when somebody last judged it by eye.

Tolerant: type, smoothing and the colour of a few pixels may differ; a panel that is gone, cut off, misplaced or in the
wrong colours does not pass. `uv run python -m tests.panel.screenshots --references` makes the references anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from tests.panel.screenshots import REFERENCES, make_all

BLOCK_PX = 16
MAX_MEAN = 4.0
"""Of 255: the mean difference over a picture."""
MAX_BLOCK = 42.0
"""The same over the worst block of 16 pixels, a twentieth of the window's width."""


def pixels(image: QImage) -> NDArray[np.float32]:
    """[H, W, 3], whole blocks only."""
    data = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = data.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asarray(data.sizeInBytes()), np.uint8).reshape(data.height(), -1)
    whole = rows[:, : 3 * data.width()].reshape(data.height(), data.width(), 3)
    height, width = (side // BLOCK_PX * BLOCK_PX for side in whole.shape[:2])
    return whole[:height, :width].astype(np.float32)


def differences(image: QImage, reference: QImage) -> tuple[float, float]:
    """Over the whole, and over the worst block."""
    a, b = pixels(image), pixels(reference)
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    apart = np.abs(a[:height, :width] - b[:height, :width]).mean(axis=2)
    blocks = apart.reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX).mean(axis=(1, 3))
    return float(apart.mean()), float(blocks.max())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screenshots")
    make_all(folder)
    return folder


def test_every_state_looks_as_it_did_in_both_palettes_and_at_both_scales(made: Path) -> None:
    references = sorted(path.name for path in REFERENCES.glob("*.png"))
    assert references == sorted(path.name for path in made.glob("*.png")) and len(references) == 16
    found = {
        name: differences(QImage(str(made / name)), QImage(str(REFERENCES / name))) for name in references
    }
    assert {name: each for name, each in found.items() if each[0] > MAX_MEAN or each[1] > MAX_BLOCK} == {}


def test_another_palette_and_another_page_are_seen() -> None:
    dark, light, lists = (
        QImage(str(REFERENCES / name))
        for name in ("timeline_dark_1.png", "timeline_light_1.png", "lists_dark_1.png")
    )
    assert differences(dark, light)[0] > 4 * MAX_MEAN
    assert differences(dark, lists)[1] > MAX_BLOCK or differences(dark, lists)[0] > MAX_MEAN
    gone = dark.copy()
    gone.fill(dark.pixelColor(4, 4))
    assert differences(dark, gone)[0] > MAX_MEAN
