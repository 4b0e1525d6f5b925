"""Which model the engine is to hold: a folder that `foley train pack` wrote, or the name of one that comes with foley.

Looked at before the engine is started, without torch: that its config can be read and its files are there. What the
files hold the engine checks, by their sha256.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import CheckpointCorrupt, CheckpointNotFound
from foley_plugin.services.model_facts import MODELS

CONFIG_FILE = "config.json"


class _Shape(Struct, frozen=True):
    name: str


class _Config(Struct, frozen=True):
    """Of a model's `config.json`, what tells it from other folders."""

    model: _Shape
    weights: dict[str, str]


def model_folder(words: str) -> Path:
    """The absolute folder of a model.

    Args:
        words: a folder; or the name of a model in `resources/models`, where no folder is called so.

    Raises:
        CheckpointNotFound: there is no such folder, or no model in it, or a file of it is missing.
        CheckpointCorrupt: its config cannot be read.
    """
    folder = Path(words).expanduser()
    if not folder.is_dir() and _is_name(words):
        folder = MODELS / words
    if not folder.is_dir():
        raise CheckpointNotFound(
            f"There is no model {words}; give a folder that `foley train pack` wrote, or {_names()}."
        )
    folder = folder.absolute()
    missing = [name for name in _read_config(folder).weights if not (folder / name).is_file()]
    if missing:
        raise CheckpointNotFound(
            f"The model in {folder} lacks its file {missing[0]}; copy the whole folder again."
        )
    return folder


def model_name(folder: Path) -> str:
    """What the model in a folder calls itself.

    Raises:
        CheckpointNotFound, CheckpointCorrupt: as `model_folder`.
    """
    return _read_config(folder).model.name


def _read_config(folder: Path) -> _Config:
    try:
        data = (folder / CONFIG_FILE).read_bytes()
    except OSError as error:
        raise CheckpointNotFound(
            f"{folder} is no model: it has no {CONFIG_FILE} that can be read; choose a folder that `foley train pack` "
            "wrote."
        ) from error
    try:
        return msgspec.json.decode(data, type=_Config)
    except msgspec.MsgspecError as error:
        raise CheckpointCorrupt(
            f"{folder} is no model: its {CONFIG_FILE} describes none; choose a folder that `foley train pack` wrote."
        ) from error


def _is_name(words: str) -> bool:
    """Whether words are no path: a name must not lead out of the folder of models."""
    return Path(words).name == words and (MODELS / words / CONFIG_FILE).is_file()


def _names() -> str:
    """The names of the models that come with foley."""
    found = []
    for path in sorted(MODELS.glob(f"*/{CONFIG_FILE}")):
        try:
            _read_config(path.parent)
        except CheckpointCorrupt:  # foley-ear, which listens and makes nothing
            continue
        found.append(path.parent.name)
    return " or ".join(found)
