"""The labels as an encoder reads them: one text embedding a label, where the encoder has a text side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from engine.visual.encoder import VisualEncoder, label_words


def prompt_table(encoder: VisualEncoder, labels: tuple[str, ...]) -> NDArray[np.float32] | None:
    """[labels, P], or None where the encoder reads no text or no label is known."""
    reader = encoder.reader()
    if reader is None or not labels:
        return None
    return np.asarray(reader.embed_texts([label_words(label) for label in labels]).numpy(), np.float32)


def prompts_bytes(table: NDArray[np.float32]) -> bytes:
    return save({"prompts": table})


def read_prompts(path: Path) -> NDArray[np.float32]:
    table: NDArray[np.float32] = load_file(path)["prompts"]
    return table
