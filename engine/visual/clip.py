"""CLIP through open_clip: a local checkpoint, or a tag whose weights are already on this machine. Never downloads."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.checkpoints import tensors_sha256
from engine.config import ClipConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound, UnknownEncoder
from engine.media.array_cache import ArrayCache
from engine.media.scaling import Fit
from engine.visual.encoder import (
    FEATURES_PER_S,
    EncoderInfo,
    EncoderKind,
    Runtime,
    VisualEncoder,
    in_batches,
    narrowed,
)
from engine.visual.zero_shot import ZeroShot

OPENAI_LICENCE = "MIT (OpenAI's code; its weights came with it)"
OTHER_LICENCE = "as its publisher says (LAION's: MIT)"
FITS: dict[str, Fit] = {"shortest": "crop", "longest": "pad", "squash": "squash"}
"""open_clip's ways to a square."""
SIZES_OF_ARCHIVE = ("input_resolution", "context_length", "vocab_size")
"""What stands beside the parameters in OpenAI's archives."""
CAUSAL_MASK = "attn_mask"
"""A constant that a traced model keeps."""


class ClipEncoder(VisualEncoder):
    """Both sides of an open_clip model: pictures and, where its tokenizer is here, words."""

    def __init__(self, config: ClipConfig, folder: Path = Path(), runtime: Runtime | None = None) -> None:
        """
        Raises:
            CheckpointNotFound: neither a file nor a tag whose weights are here.
            CheckpointCorrupt: a file that is not this architecture's.
        """
        self._config, self._runtime = config, runtime or Runtime()
        self._model = _loaded(config, folder, self._runtime)
        self._tokenizer = _tokenizer(config.architecture)
        self._logit_scale = float(self._model.logit_scale.exp())
        visual = self._model.visual
        size = visual.image_size
        look = visual.preprocess_cfg
        self._mean = torch.tensor(look["mean"], device=self._runtime.device).view(1, 3, 1, 1)
        self._deviation = torch.tensor(look["std"], device=self._runtime.device).view(1, 3, 1, 1)
        self._info = EncoderInfo(
            name=f"clip/{config.architecture}",
            width=int(visual.output_dim),
            image_size=int(size[0] if isinstance(size, tuple) else size),
            features_per_s=FEATURES_PER_S,
            weights_licence=OPENAI_LICENCE if config.weights == "openai" else OTHER_LICENCE,
            fit=FITS[look.get("resize_mode", "shortest")],
            weights_sha256=tensors_sha256(self._model.state_dict()),
            precision=self._runtime.precision,
        )
        narrowed(visual, self._runtime)

    def describe(self) -> EncoderInfo:
        return self._info

    def encode(self, frames: NDArray[np.uint8]) -> Tensor:
        """RGB frames [N, 1, image_size, image_size, 3] -> features [N, width], of unit length."""
        return in_batches(frames, self._features, self._runtime)

    def reader(self) -> ClipEncoder | None:
        return None if self._tokenizer is None else self

    def guesser(self, labels: tuple[str, ...], cache: ArrayCache | None) -> ZeroShot | None:
        """Ranks labels by how near their words are to the pictures."""
        if self._tokenizer is None:
            return None
        return ZeroShot(self, self._info, labels, self._logit_scale, cache)

    @property
    def text_width(self) -> int:
        return self._info.width

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Texts -> [len(texts), text_width], of unit length."""
        assert self._tokenizer is not None, "reader() is None where there is no tokenizer"
        made = [torch.zeros(0, self._info.width)]
        for start in range(0, len(texts), self._runtime.batch):
            tokens = self._tokenizer(list(texts[start : start + self._runtime.batch])).to(
                self._runtime.device
            )
            made.append(self._model.encode_text(tokens, normalize=True).float().cpu())
        return torch.cat(made)

    def _features(self, pixels: Tensor) -> Tensor:
        seen: Tensor = self._model.visual((pixels[:, 0] - self._mean) / self._deviation)
        return F.normalize(seen.float(), dim=-1)


def _loaded(config: ClipConfig, folder: Path, runtime: Runtime) -> Any:
    """The open_clip model, frozen."""
    import open_clip

    if config.architecture not in open_clip.list_models():
        raise CheckpointNotFound(
            f"open_clip knows no architecture called {config.architecture}: choose one of its names, "
            "such as ViT-B-32."
        )
    tagged = open_clip.get_pretrained_cfg(config.architecture, config.weights)
    path = folder / config.weights
    if not path.is_file():
        path = _file_of_tag(config, tagged)
    look = {key: tagged[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in tagged}
    is_archive = _is_archive(path)
    try:
        model = open_clip.create_model(
            config.architecture,
            pretrained=None if is_archive else str(path),
            force_quick_gelu=is_archive or bool(tagged.get("quick_gelu", False)),
            force_preprocess_cfg=look,
            require_pretrained=not is_archive,
        )
        if is_archive:
            model.load_state_dict(_tensors_of_archive(path))
    except Exception as error:  # open_clip raises whatever its loaders raise
        raise CheckpointCorrupt(
            f"The CLIP weights {config.weights} are no {config.architecture} ({_first_line(error)}): "
            "give the architecture that they belong to."
        ) from error
    return model.to(runtime.device).eval().requires_grad_(False)


def _is_archive(path: Path) -> bool:
    """Whether it is a TorchScript archive, as OpenAI publishes CLIP: with QuickGELU, and not for open_clip's loader."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _tensors_of_archive(path: Path) -> dict[str, Tensor]:
    """Its parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript; the files stay as they are
        archive = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    tensors: dict[str, Tensor] = dict(archive.state_dict())
    return {name: tensor for name, tensor in tensors.items() if name not in (*SIZES_OF_ARCHIVE, CAUSAL_MASK)}


def _tokenizer(architecture: str) -> Any:
    """None where it would have to be fetched: CLIP's own comes with open_clip, some models bring another."""
    import open_clip

    try:
        return open_clip.get_tokenizer(architecture)
    except Exception:  # whatever the hub's client raises where it may not connect
        return None


def _file_of_tag(config: ClipConfig, tagged: dict[str, Any]) -> Path:
    """Where an earlier program of this user has left the weights of a tag: by the hub's cache or open_clip's own."""
    from huggingface_hub import try_to_load_from_cache

    if not tagged:
        raise CheckpointNotFound(
            f"The CLIP weights {config.weights} are neither a file nor one of open_clip's tags for "
            f"{config.architecture}: download them and give the file's path."
        )
    repository, name = os.path.split(tagged.get("hf_hub", ""))
    names = [name] if name else ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]
    found = [try_to_load_from_cache(repository, each) for each in names] if repository else []
    own = Path.home() / ".cache" / "clip" / os.path.basename(tagged.get("url", ""))
    paths = [Path(each) for each in [*found, own] if isinstance(each, (str, Path))]
    for path in paths:
        if path.is_file():
            return path
    raise CheckpointNotFound(
        f"The weights of CLIP {config.architecture} ({config.weights}) are not on this machine: download the "
        "checkpoint and give the file's path."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _from_words(words: str) -> ClipConfig:
    architecture, _, weights = words.partition(":")
    if not architecture or not weights:
        raise UnknownEncoder(
            "CLIP needs an architecture and its weights: say clip:ARCHITECTURE:FILE, such as "
            "clip:ViT-B-32:/models/clip.safetensors."
        )
    return ClipConfig(architecture, weights)


KIND = EncoderKind(ClipConfig, _from_words, ClipEncoder)
