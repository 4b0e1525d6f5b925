"""Models on disk: a folder with `config.json`, safetensors files and their sha256, and a model card.

Only safetensors are read, and only when the bytes are the ones that the config names.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch
from msgspec import Struct
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from engine.config import ModelConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.protocol import Sampling

CONFIG_FILE = "config.json"
DEFAULT_SAMPLING = Sampling()
FILE_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "resources" / "models" / "foley-tiny"


class ModelFolder(Struct, frozen=True):
    """`config.json`: the model's shape and the sha256 of each weights file beside it."""

    model: ModelConfig
    weights: dict[str, str]
    licence: str = "CC-BY-4.0"
    settings: dict[str, float] = {}
    """Numbers fixed on validation scenes, such as the spotter's threshold."""
    sampling: Sampling = Sampling()
    """What the model draws with where a request says nothing; where a folder tells nothing, the default model's."""

    @property
    def sha256(self) -> str:
        """One hash for the whole model, from its parts."""
        parts = "".join(f"{name}:{digest}\n" for name, digest in sorted(self.weights.items()))
        return hashlib.sha256(parts.encode()).hexdigest()


def read_model_folder(folder: Path) -> ModelFolder:
    """
    Raises:
        CheckpointNotFound: there is no model in the folder.
        CheckpointCorrupt: its config cannot be understood.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise CheckpointNotFound(f"There is no model in {folder}: give a folder that holds a {CONFIG_FILE}.")
    try:
        return msgspec.convert(_in_todays_words(msgspec.json.decode(path.read_bytes())), ModelFolder)
    except msgspec.MsgspecError as error:
        raise CheckpointCorrupt(
            f"The model's {CONFIG_FILE} in {folder} cannot be read ({error}): install it again."
        ) from error


def _in_todays_words(record: object) -> object:
    """The first models named their encoder by a key of its own, `tower`."""
    match record:
        case {"model": {"tower": {} as tower, **model}, **rest}:
            return {**rest, "model": {**model, "encoder": {"kind": "tower", **tower}}}
    return record


def read_weights(folder: Path, name: str, sha256: str) -> dict[str, Tensor]:
    """The tensors of one weights file, as float32.

    Raises:
        CheckpointNotFound: the file is missing.
        CheckpointCorrupt: its bytes are not the ones that the config names.
    """
    path = folder / name
    if not path.is_file():
        raise CheckpointNotFound(f"The model in {folder} lacks its file {name}: install the model again.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CheckpointCorrupt(
            f"The model file {path} is damaged (its sha256 is wrong): install the model again."
        )
    try:
        tensors = load(data)
    except SafetensorError as error:
        raise CheckpointCorrupt(
            f"The model file {path} is no safetensors file ({error}): install it again."
        ) from error
    return {key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in tensors.items()}


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class WeightsFile:
    """One weights file, checked by sha256 and then read a tensor at a time, so that memory never holds all of it."""

    def __init__(self, folder: Path, name: str, sha256: str) -> None:
        """
        Raises:
            CheckpointNotFound, CheckpointCorrupt: as `read_weights`.
        """
        self._path = folder / name
        if not self._path.is_file():
            raise CheckpointNotFound(f"The model in {folder} lacks its file {name}: install the model again.")
        if file_sha256(self._path) != sha256:
            raise CheckpointCorrupt(
                f"The model file {self._path} is damaged (its sha256 is wrong): install the model again."
            )
        with self._path.open("rb") as file:
            header = int.from_bytes(file.read(8), "little")
            self._entries = msgspec.json.decode(file.read(header))
            self._start = 8 + header

    def read(self, name: str) -> Tensor:
        """One tensor in the file's own type.

        Raises:
            CheckpointCorrupt: the file has none of this name.
        """
        entry = self._entries.get(name)
        if entry is None or entry["dtype"] not in FILE_TYPES:
            raise CheckpointCorrupt(f"The model file {self._path} has no {name}: install the model again.")
        first, end = entry["data_offsets"]
        if first == end:
            return torch.empty(entry["shape"], dtype=FILE_TYPES[entry["dtype"]])
        # Pages of its own: they go back to the system with the tensor, where a heap would keep them.
        data = mmap.mmap(-1, end - first)
        with self._path.open("rb") as file:
            file.seek(self._start + first)
            file.readinto(data)
        return torch.frombuffer(data, dtype=FILE_TYPES[entry["dtype"]]).reshape(entry["shape"])


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """One hash for tensors in memory, by name, type, shape and value."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        plain = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {plain.dtype} {tuple(plain.shape)}\n".encode())
        digest.update(plain.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_into(
    module: nn.Module, tensors: dict[str, Tensor], *, what: str, ignore: tuple[str, ...] = ()
) -> None:
    """Load by name, exactly.

    Args:
        ignore: prefixes of the module's tensors that the file may lack.

    Raises:
        CheckpointCorrupt: names or shapes differ.
    """
    try:
        missing, unexpected = module.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise CheckpointCorrupt(
            f"The weights of the {what} have other shapes than its config says: {error}"
        ) from error
    missing = [name for name in missing if not name.startswith(ignore)]
    if missing or unexpected:
        raise CheckpointCorrupt(
            f"The weights of the {what} do not fit its config: {len(missing)} missing ({', '.join(missing[:3])}), "
            f"{len(unexpected)} unexpected ({', '.join(unexpected[:3])})."
        )


def write_model_folder(
    folder: Path,
    model: ModelConfig,
    parts: dict[str, dict[str, Tensor]],
    *,
    settings: dict[str, float],
    sampling: Sampling = DEFAULT_SAMPLING,
    dtype: torch.dtype = torch.float16,
) -> ModelFolder:
    """Write weights in 16 bits and the config that names them, the config last."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, tensors in parts.items():
        small = {k: (t.to(dtype) if t.is_floating_point() else t).contiguous() for k, t in tensors.items()}
        data = save(small)
        _write_atomically(folder / name, data)
        digests[name] = hashlib.sha256(data).hexdigest()
    record = ModelFolder(model=model, weights=digests, settings=settings, sampling=sampling)
    _write_atomically(
        folder / CONFIG_FILE, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
    )
    return record


def _write_atomically(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
