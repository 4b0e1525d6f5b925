"""A language model small enough to be tested in float64."""

import msgspec
import torch
from torch import Tensor

from engine.config import CodecConfig, LMConfig, VisualAttention
from engine.lm.model import Conditions, LanguageModel

CODEC = CodecConfig()
CONFIG = LMConfig(num_layers=3, num_heads=2, dim=32, codebook_size=16, visual_dim=8, labels=("knock", "rain"))


def small_lm(kind: VisualAttention = "all-frame", seed: int = 0) -> LanguageModel:
    """Random weights, large enough that every path of the network matters."""
    torch.manual_seed(seed)
    lm = LanguageModel(msgspec.structs.replace(CONFIG, visual_attention=kind), CODEC).double().eval()
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return lm


def random_conditions(rows: int, num_frames: int, *, seed: int = 1) -> Conditions:
    """All conditions known in the first row; in the others some are not."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    known = torch.arange(rows) % 2 == 0
    return Conditions(
        visual=draw(rows, -(-num_frames // 50), CONFIG.visual_dim),
        visual_known=known,
        labels=torch.arange(rows) % 3,
        sync=draw(rows, 6, num_frames + 24),
        sync_known=known,
    )


def random_codes(rows: int, num_frames: int, *, seed: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, CONFIG.codebook_size, (rows, 4, num_frames), generator=generator)
