"""The whole decoding step on a GPU as one CUDA graph: embedding, blocks, guidance, top-k, draw, and the next input.

Nothing returns to the host between the steps of a window. Every place draws with uniform numbers that its own CPU
generator made beforehand, so that the draw is the CPU's; places may be at different steps of different windows. All
shapes are static: the cache has room for a whole window.

The same step runs eagerly on any device (`capture=False`), which is how it is tested where there is no GPU.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.lm.decoding.places import Places, Step
from engine.lm.decoding.plain_step import PlainStep, heads, rest
from engine.lm.layout import WindowLayout, known_inputs
from engine.lm.model import Block, LanguageModel
from engine.protocol import Sampling

StepKind = Literal["torch", "triton"]
"""PyTorch's operators, or own kernels."""

WARM_UP_STEPS = 3
"""Before a capture, so that kernels are compiled and libraries have allocated what they need."""

OVERLAPS_FROM = (9, 0)
"""The compute capability from which a kernel may begin before the one before it is over."""


def best_step(lm: LanguageModel) -> StepKind:
    """The one place where it is chosen: on a GPU own kernels in half precision, if they fit and can be built."""
    weight = lm.norm.weight
    if not weight.is_cuda or weight.dtype == torch.float32:
        return "torch"
    try:
        from engine.lm.decoding.fused.probe import builds_kernels
        from engine.lm.decoding.fused.step import serves
    except ImportError:
        return "torch"
    is_served = serves(lm.config, lm.frame_rate) and builds_kernels(weight.device)
    return "triton" if is_served else "torch"


class GraphedDecoder:
    """P places side by side on one device; `lm`'s blocks may be in another type than its conditions."""

    def __init__(
        self,
        lm: LanguageModel,
        conditions: LanguageModel,
        *,
        places: int,
        num_features: int,
        num_steps: int,
        top_k: int,
        capture: bool,
        step: StepKind = "torch",
        overlap: bool = True,
    ) -> None:
        """
        Args:
            lm: on the device, in the type that the blocks compute in.
            conditions: the same model on the CPU in float32, which encodes the conditions of each window.
            num_features, num_steps: of the longest window.
            top_k: the greatest that any window asks for.
            capture: replay the step as a CUDA graph.
            overlap: let own kernels begin early, where the GPU can do it; changes no number.
        """
        self._lm, self._conditions = lm, conditions
        self._blocks = [block for block in lm.blocks if isinstance(block, Block)]
        self._places = Places(lm, places=places, num_features=num_features, num_steps=num_steps, top_k=top_k)
        self.step = self._step_of(step, overlap)
        self._graph = self._recorded() if capture else None

    def _step_of(self, kind: StepKind, overlap: bool) -> Step:
        if kind == "torch":
            return PlainStep(self._lm, self._places)
        from engine.lm.decoding.fused.step import FusedStep

        device = self._lm.norm.weight.device
        can_overlap = device.type == "cuda" and torch.cuda.get_device_capability(device) >= OVERLAPS_FROM
        return FusedStep(self._lm, self._places, overlap=overlap and can_overlap)

    @property
    def logits(self) -> Tensor:
        """Of each row's next draw, float32 [R, K, V]; an idle row's mean nothing."""
        return self._places.logits

    @torch.inference_mode()
    def begin(self, place: int, layout: WindowLayout, sampling: Sampling, uniforms: Tensor) -> None:
        """Put a window into a place and read in what is known of it; uniforms [end - known, K] are its draws'.

        From `layout.end` on steps draw nothing: who counts them may `leave`. The place's own end is the window's, by
        which steps know its last frame.
        """
        lm, places = self._lm, self._places
        features, steps, known = layout.prefix.shape[1], layout.num_steps, layout.known
        rows = places.rows_of(place)
        mask = lm.mask(features, steps)
        self.step.admit(place, mask, features)
        places.biases[rows, :steps] = layout.biases.to(places.biases)
        places.delayed[place, :, :steps] = layout.delayed.to(places.delayed)
        places.free[place] = False
        places.free[place, :, :steps] = layout.free.to(places.free)
        places.uniforms[place, known : layout.end] = uniforms.to(places.uniforms)
        places.step[place], places.end[place], places.features[place] = known, steps, features
        places.sample_as(place, sampling)
        x = known_inputs(self._conditions, layout).to(places.sinusoids)
        length = x.shape[1]
        x = (x + places.sinusoids[:length]).to(places.dtype)
        mask = mask[:length, :length].to(x.device)
        for layer, block in enumerate(self._blocks):
            query, key, value = heads(block, block.qkv(block.attention_norm(x)))
            places.cache[layer, 0, rows, :, :length] = key
            places.cache[layer, 1, rows, :, :length] = value
            x = rest(block, x, F.scaled_dot_product_attention(query, key, value, attn_mask=mask))
        places.logits[rows] = lm.logits(lm.norm(x[:, -1:]))[:, :, 0].float()

    @torch.inference_mode()
    def leave(self, place: int | None = None) -> None:
        """Leave a window, or all of them, where it is; the place is idle."""
        self._places.leave(place)

    @torch.inference_mode()
    def run(self, steps: int) -> None:
        """Take so many steps in every place; a place whose window is over stands still."""
        for _ in range(steps):
            if self._graph is not None:
                self._graph.replay()
            else:
                self.step()

    def wait(self) -> None:
        """Until the device has done what it was told."""
        if self._places.cache.is_cuda:
            torch.cuda.synchronize()

    def delayed(self, place: int, steps: int) -> Tensor:
        """The window's delayed codes [K, S], on the CPU; waits for the device."""
        return self._places.delayed[place, :, :steps].cpu()

    @torch.inference_mode()
    def _recorded(self) -> torch.cuda.CUDAGraph:
        """One step as a graph. No place has a window yet, so the steps that warm up leave nothing behind."""
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP_STEPS):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        return graph
