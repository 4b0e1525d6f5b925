"""EnCodec's decoder at work on a CPU: the package's sums, as products of rows, a stretch of sound at a time.

Rows are moments and columns are channels, so each tap of a convolution is one matrix product over rows that lie one
after the other, and a transposed convolution writes its samples in their order: nothing is padded, transposed or
cut by copying. Weight norm is folded away. All that follows the LSTM is made in stretches that fit into a
processor's cache; a stretch is given the rows that it reaches into on both sides, so it equals the whole.

    latents [T, D] -> convolution -> LSTM -> (activation, upsampling, residual block) x 4 -> convolution -> [T * hop]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from encodec.modules.lstm import SLSTM
from encodec.modules.seanet import SEANetDecoder, SEANetResnetBlock
from torch import Tensor, nn
from torch.nn import functional

STRETCH_FRAMES = 64
"""At 64 filters the largest tensor of a stretch is 5 MB; 16, 32 and 128 frames at a time are slower."""

Activation = Callable[[Tensor], Tensor]
"""In place."""


class Layer(Protocol):
    """Rows [T, C] -> [T * factor, C']; may overwrite what it is given. Reaches so many of its rows to each side."""

    @property
    def factor(self) -> int: ...

    @property
    def reach(self) -> int: ...

    def __call__(self, rows: Tensor) -> Tensor: ...


class RowDecoder:
    """The weights of a frozen SEANet decoder, arranged for rows."""

    def __init__(self, decoder: SEANetDecoder, dtype: torch.dtype = torch.float32) -> None:
        """
        Args:
            dtype: of weights and sums after the LSTM; what comes before is little work and stays in float32.
        """
        first, *parts = decoder.model
        self._first = Convolution.of(first, torch.float32)
        self._lstm: Any = parts.pop(0).lstm if isinstance(parts[0], SLSTM) else None
        self._layers = [layer for part in parts for layer in _layers_of(part, dtype)]
        self.dtype = dtype
        self.hop_length = math.prod(layer.factor for layer in self._layers)
        self._reach_frames = _reach_frames(self._layers)

    @torch.inference_mode()
    def __call__(self, latents: Tensor) -> Tensor:
        """Latents [T, D] -> wav [T * hop], float32."""
        rows = self._first(latents)
        if self._lstm is not None:
            seen = self._lstm(rows[:, None])[0][:, 0]
            rows = seen.add_(rows)
        return torch.cat(self._stretches(rows))

    def _stretches(self, rows: Tensor) -> list[Tensor]:
        """A stretch a thread: threads that share each small product wait for one another, longest on a busy machine.

        So the number of threads does not touch the sums.
        """
        num_threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(num_threads) as pool:
                starts = range(0, len(rows), STRETCH_FRAMES)
                return list(pool.map(lambda start: self._stretch(rows, start), starts))
        finally:
            torch.set_num_threads(num_threads)

    @torch.inference_mode()
    def _stretch(self, rows: Tensor, start: int) -> Tensor:
        begin, stop = max(0, start - self._reach_frames), min(len(rows), start + STRETCH_FRAMES)
        some = rows[begin : stop + self._reach_frames].to(self.dtype, copy=True)
        for layer in self._layers:
            some = layer(some)
        return some[(start - begin) * self.hop_length : (stop - begin) * self.hop_length, 0].float()


@dataclass(frozen=True)
class Pointwise:
    """An activation."""

    activation: Activation
    factor: int = 1
    reach: int = 0

    def __call__(self, rows: Tensor) -> Tensor:
        return self.activation(rows)


@dataclass(frozen=True)
class Convolution:
    """Stride 1, as many rows out as in.

    Attributes:
        taps: [C, C'] for each offset; the tap at offset d weighs row t + d of what makes row t.
        is_reflected: whether rows past the edges mirror those within, or are 0.
    """

    taps: dict[int, Tensor]
    bias: Tensor
    is_reflected: bool
    factor: int = 1

    @classmethod
    def of(cls, part: Any, dtype: torch.dtype) -> Convolution:
        """From the package's `SConv1d`, not causal."""
        convolution = part.conv.conv
        taps = _weight(convolution).permute(2, 1, 0).to(dtype)
        step, total = convolution.dilation[0], (len(taps) - 1) * convolution.dilation[0]
        first = total // 2 - total  # the longer side of an even kernel lies before
        offsets = range(first, first + total + 1, step)
        return cls(
            {offset: tap.contiguous() for offset, tap in zip(offsets, taps, strict=True)},
            convolution.bias.to(dtype),
            part.pad_mode == "reflect",
        )

    @property
    def reach(self) -> int:
        return max(map(abs, self.taps))

    def __call__(self, rows: Tensor) -> Tensor:
        return self.onto(self.bias.repeat(len(rows), 1), rows)

    def onto(self, total: Tensor, rows: Tensor) -> Tensor:
        """Add what the taps make of rows, without the bias, to a total [T, C']."""
        count = len(rows)
        if self.is_reflected and count <= self.reach:
            # As the package has it: too short to be mirrored, it is followed by silence.
            longer = functional.pad(rows, (0, 0, 0, self.reach + 1 - count))
            return total.add_(self.onto(total.new_zeros(len(longer), total.shape[1]), longer)[:count])
        for offset, tap in self.taps.items():
            before, after = min(count, max(0, -offset)), min(count, max(0, offset))
            total[before : count - after].addmm_(rows[after : count - before], tap)
            if self.is_reflected and before:
                total[:before].addmm_(rows[1 : 1 + before].flip(0), tap)
            if self.is_reflected and after:
                total[count - after :].addmm_(rows[count - 1 - after : count - 1].flip(0), tap)
        return total


@dataclass(frozen=True)
class Upsampling:
    """A transposed convolution whose kernel is two strides long.

    Attributes:
        now, then: [C, stride * C'], what a row adds to its own samples and to those of the next.
        bias: [C'].
    """

    now: Tensor
    then: Tensor
    bias: Tensor
    factor: int
    reach: int = 1

    @classmethod
    def of(cls, part: Any, dtype: torch.dtype) -> Upsampling:
        """From the package's `SConvTranspose1d`, not causal."""
        convolution = part.convtr.convtr
        stride, (length,) = convolution.stride[0], convolution.kernel_size
        assert length == 2 * stride, "the package's decoder has no other"
        weight = _weight(convolution).to(dtype).transpose(1, 2)  # [C, kernel, C']
        now, then = (half.flatten(1).contiguous() for half in (weight[:, :stride], weight[:, stride:]))
        return cls(now, then, convolution.bias.to(dtype), stride)

    def __call__(self, rows: Tensor) -> Tensor:
        count, width = len(rows), len(self.bias)
        total = self.bias.repeat(count + 1, self.factor)
        total[:count].addmm_(rows, self.now)
        total[1:].addmm_(rows, self.then)
        left = self.factor - self.factor // 2
        return total.view(-1, width)[left : left + count * self.factor]


@dataclass(frozen=True)
class Residual:
    """shortcut(x) + convolution(activation(convolution(activation(x))))."""

    shortcut: Convolution
    convolutions: Sequence[Convolution]
    activation: Activation
    bias: Tensor
    """Of the shortcut and the last convolution together."""
    factor: int = 1

    @classmethod
    def of(cls, part: Any, dtype: torch.dtype) -> Residual:
        shortcut = Convolution.of(part.shortcut, dtype)
        convolutions = [Convolution.of(each, dtype) for each in part.block[1::2]]
        return cls(shortcut, convolutions, _activation(part.block[0]), shortcut.bias + convolutions[-1].bias)

    @property
    def reach(self) -> int:
        return sum(each.reach for each in self.convolutions)

    def __call__(self, rows: Tensor) -> Tensor:
        total = self.shortcut.onto(self.bias.repeat(len(rows), 1), rows)
        for convolution in self.convolutions[:-1]:
            rows = convolution(self.activation(rows))
        return self.convolutions[-1].onto(total, self.activation(rows))


def _layers_of(part: Any, dtype: torch.dtype) -> list[Layer]:
    if isinstance(part, SEANetResnetBlock):
        return [Residual.of(part, dtype)]
    if hasattr(part, "convtr"):
        return [Upsampling.of(part, dtype)]
    if hasattr(part, "conv"):
        return [Convolution.of(part, dtype)]
    return [Pointwise(_activation(part))]


def _activation(part: nn.Module) -> Activation:
    assert isinstance(part, nn.ELU | nn.SiLU)
    if isinstance(part, nn.ELU):
        return functional.elu_
    return lambda rows: functional.silu(rows, inplace=True)


def _weight(convolution: nn.Module) -> Tensor:
    """What weight norm makes of its two tensors, or the plain weight."""
    tensors = dict(convolution.named_parameters(recurse=False))
    if "weight_v" in tensors:
        return torch._weight_norm(tensors["weight_v"], tensors["weight_g"], 0).detach()
    return tensors["weight"].detach()


def _reach_frames(layers: Sequence[Layer]) -> int:
    """How far a sample looks into the rows before and after its own, in the first layer's rows, rounded up."""
    reach, rate = 0.0, 1
    for layer in layers:
        reach += layer.reach / rate
        rate *= layer.factor
    return math.ceil(reach)
