"""Narrow weights in PyTorch's own operators, for machines and shapes that the own kernels do not serve."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.config import CodecConfig
from engine.lm.decoding.narrowing import ReadTensor, WeightType, quantised
from engine.lm.model import LanguageModel


class ByteLinear(nn.Linear):
    """Weights in int8, symmetric in each output; multiplied as bfloat16. For memory, not for speed."""

    def __init__(self, matrix: Tensor) -> None:
        nn.Module.__init__(self)
        self.out_features, self.in_features = matrix.shape
        self.register_parameter("bias", None)
        self.bytes: Tensor
        self.unit: Tensor
        for name, tensor in zip(("bytes", "unit"), quantised(matrix), strict=True):
            self.register_buffer(name, tensor)

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """As bfloat16, made anew at each use."""
        return (self.bytes.float() * self.unit[:, None]).bfloat16()


def narrow_blocks(conditions: LanguageModel, read: ReadTensor, dtype: WeightType) -> LanguageModel:
    """A language model whose blocks compute in `dtype` (int8: in bfloat16); its conditions hold no weights."""
    config = conditions.config
    codec = CodecConfig(sample_rate=conditions.frame_rate, strides=(1,))
    with torch.device("meta"):
        lm = LanguageModel(config, codec)
    wide = torch.float32 if dtype == "float32" else torch.bfloat16
    for name in [name for name, _ in lm.named_parameters()]:
        if not name.startswith(("blocks.", "norm.", "heads.")):
            continue
        path, _, leaf = name.rpartition(".")
        parent = lm.get_submodule(path)
        if dtype == "int8" and isinstance(parent, nn.Linear):
            above, _, child = path.rpartition(".")
            setattr(lm.get_submodule(above) if above else lm, child, ByteLinear(read(name).float()))
        else:
            setattr(parent, leaf, nn.Parameter(read(name).to(wide), requires_grad=False))
    return lm.eval()
