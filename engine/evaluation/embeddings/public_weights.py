"""Public checkpoints that the user has fetched: tensors by their public names, nothing that could run code."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from engine.errors import CheckpointCorrupt, CheckpointNotFound


def read_public_tensors(path: Path, *, what: str, prefixes: tuple[str, ...] = ("",)) -> dict[str, Tensor]:
    """Tensors of a .safetensors, .pt or .pth file whose names begin with a prefix, as float32.

    A file that wraps its tensors in "state_dict" or "model" is understood, and so are names under "module."
    or "net.", which some trainers add.

    Raises:
        CheckpointNotFound: the file is not there.
        CheckpointCorrupt: it cannot be read, or nothing in it has the names.
    """
    if not path.is_file():
        raise CheckpointNotFound(
            f"The {what} checkpoint {path} is not there: give the file that you downloaded."
        )
    try:
        found = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    except Exception as error:  # a broken pickle raises whatever its bytes happen to spell
        raise CheckpointCorrupt(f"The {what} checkpoint {path} cannot be read: download it again.") from error
    plain = {_plain_name(name): tensor for name, tensor in found.items() if isinstance(tensor, Tensor)}
    chosen = {name: tensor.float() for name, tensor in plain.items() if name.startswith(prefixes)}
    if not chosen:
        raise CheckpointCorrupt(
            f"The file {path} holds no {what}: none of its tensors has a name that {what} has; give another file."
        )
    return chosen


def _safetensors(path: Path) -> dict[str, Tensor]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def _pickled(path: Path) -> Mapping[str, object]:
    # Files from before PyTorch 1.6 are no archives and cannot be mapped.
    found = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    for wrapper in ("state_dict", "model"):
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
    if not isinstance(found, Mapping):
        raise RuntimeError("it is no dictionary of tensors")
    return found


def _plain_name(name: str) -> str:
    for added in ("module.", "net."):
        name = name.removeprefix(added)
    return name
