"""The registry of visual encoders: one line a kind, opened from a model's config or named on a command line.

clip:ViT-B-32:/path/to/weights     clip:ViT-B-32-quickgelu:openai
vit:vit_base_patch16_224:/path     videomae:/folder     imagebind:/path
tower:                             the default model's own; tower:/folder is another model's
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.config import EncoderConfig
from engine.errors import UnknownEncoder
from engine.visual import clip, imagebind, tower, videomae, vit
from engine.visual.encoder import EncoderKind, Runtime, VisualEncoder

KINDS: dict[str, EncoderKind[Any]] = {
    "clip": clip.KIND,
    "vit": vit.KIND,
    "videomae": videomae.KIND,
    "imagebind": imagebind.KIND,
    "tower": tower.KIND,
}


def open_encoder(
    config: EncoderConfig, folder: Path = Path(), runtime: Runtime | None = None
) -> VisualEncoder:
    """
    Args:
        folder: where the config's relative paths count from: the folder of the model that it stands in.

    Raises:
        CheckpointNotFound: the weights, or the package that reads them, are not on this machine.
        CheckpointCorrupt: they are not this encoder's.
    """
    for kind in KINDS.values():
        if isinstance(config, kind.config):
            return kind.open(config, folder, runtime or Runtime())
    raise AssertionError(f"{type(config).__name__} is in no line of the registry")


def parse_encoder(text: str) -> EncoderConfig:
    """What a person says on a command line, such as `clip:ViT-B-32:/path`; for `open_encoder`.

    Raises:
        UnknownEncoder: no such kind, or a word is missing.
    """
    name, _, rest = text.partition(":")
    if name not in KINDS:
        raise UnknownEncoder(f"There is no visual encoder called {name!r}: choose one of {', '.join(KINDS)}.")
    config: EncoderConfig = KINDS[name].from_words(rest)
    return config
