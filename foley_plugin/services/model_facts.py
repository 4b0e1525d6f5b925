"""What a newcomer is told of the model that comes with foley: its size and its licence, read from its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "resources" / "models"
DEFAULT_MODEL = "foley-tiny"
CARD_NAME = "MODEL_CARD.md"

_LICENCE = re.compile(r"^## Licen[cs]e\s+(.+?)(?:\n\n|\n#|\Z)", re.DOTALL | re.MULTILINE)
_SHORT_NAME = re.compile(r"\b(?:CC0|CC BY(?:-[A-Z]+)*|MIT|Apache)(?:[ -]\d(?:\.\d)?)?")


@dataclass(frozen=True)
class ModelFacts:
    """Attributes:
    licence: its short name, such as "CC BY 4.0"; "" where the card names none.
    card: the model card; None where there is none.
    """

    name: str
    size_bytes: int
    licence: str
    card: Path | None


def model_facts(name: str = DEFAULT_MODEL, models: Path = MODELS) -> ModelFacts:
    """Facts of a model that lies in the folder of models; zeros where it does not."""
    folder = models / name
    try:
        size = sum(file.stat().st_size for file in folder.iterdir() if file.suffix == ".safetensors")
        text = (folder / CARD_NAME).read_text(encoding="utf-8")
    except OSError:
        return ModelFacts(name, 0, "", None)
    section = _LICENCE.search(text)
    named = _SHORT_NAME.search(section[1]) if section is not None else None
    return ModelFacts(name, size, named[0] if named is not None else "", folder / CARD_NAME)
