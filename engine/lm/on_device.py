"""Several takes drawn on a GPU: as `engine.lm.generate`, but the host only lays windows out and fetches their codes.

Every window's length is known beforehand, so the host knows without asking when the next place is free.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.config import CodecConfig, LMConfig, WindowConfig
from engine.errors import RequestError, is_out_of_memory
from engine.lm.decoding.graphed import GraphedDecoder, StepKind, best_step
from engine.lm.decoding.narrowing import ReadTensor, WeightType
from engine.lm.decoding.opening import conditions_alone
from engine.lm.delay import undelay
from engine.lm.layout import WindowLayout
from engine.lm.model import LanguageModel
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Judge, OnUnit, OnUnitStep, WindowDraft, WindowQueue

STEPS_BETWEEN_NEWS = 25
"""The host waits for the device so often, to tell how far it is and to be stopped."""

PLACES = 16
"""Takes that a step has room for, whether they are there or not: one shape of kernels, one take's bytes.

A step reads the weights once for all of them, and at about twelve windows as much again of keys and values: more
places would gain little. Own kernels pass over those that are idle. Where the device has not the memory for so many,
a step has half of them, or half of those, and the backend says so: other shapes may add up in another order.
"""

KERNEL_PLACES = 8
"""Their rows fill a tile of the own kernels; with fewer places PyTorch's operators compute."""

USUAL_TOP_K = 256


@dataclass(frozen=True)
class _Shape:
    """What a decoder is captured for; features and steps of the longest window."""

    places: int
    num_features: int
    num_steps: int
    top_k: int


@dataclass(eq=False)
class OnDevice:
    """A language model on a device, and its condition encoders on the CPU in float32."""

    lm: LanguageModel
    conditions: LanguageModel
    capture: bool
    step: StepKind = "torch"
    num_places: int = PLACES
    """Of a step: it becomes fewer, for good, where the device has not the memory for so many."""
    _decoders: dict[_Shape, GraphedDecoder] = field(default_factory=dict, repr=False, compare=False)
    """The one that was used last, with its graph: a warm engine replays at once."""

    @classmethod
    def open(
        cls, config: LMConfig, codec: CodecConfig, read: ReadTensor, device: str, dtype: WeightType
    ) -> OnDevice:
        """The weights in bfloat16 where int8 was meant: a GPU's floor is its memory, and this half of float32.

        Raises:
            RequestError: there is no such device.
        """
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise RequestError(f"PyTorch finds no device {device} on this machine: choose the device cpu.")
        compute = torch.float32 if dtype == "float32" else torch.bfloat16
        with torch.device("meta"):
            lm = LanguageModel(config, codec)
        tensors = {name: read(name).to(device, compute) for name in lm.state_dict()}
        lm.load_state_dict(tensors, assign=True)
        conditions = conditions_alone(config, codec, read)
        lm = lm.eval().requires_grad_(False)
        return cls(lm, conditions, device.startswith("cuda"), best_step(lm))

    @property
    def bytes_per_value(self) -> float:
        """Of a cached key or value."""
        return self.lm.norm.weight.dtype.itemsize

    @property
    def dtype(self) -> str:
        return str(self.lm.norm.weight.dtype).removeprefix("torch.")

    @property
    def backend(self) -> str:
        """What decides the bytes of a take beside the dtype."""
        kernels = ", triton" if self.step_taken == "triton" else ""
        places = f"{self.num_places} place{'s' if self.num_places > 1 else ''}"
        return f"{'cuda graph' if self.capture else 'device step'}{kernels}, {places}"

    @property
    def step_taken(self) -> StepKind:
        """What computes a step of so many places."""
        return self.step if self.num_places >= KERNEL_PLACES else "torch"

    def plan_places(self, that_fit: int) -> None:
        """Let a step have room for as many takes as fit into the device's memory: 16, 8, 4, 2 or 1."""
        while self.num_places > max(1, that_fit):
            self.take_fewer_places()

    def take_fewer_places(self) -> bool:
        """Half of them from now on, and what the others hold is given back. False where there is one alone."""
        if self.num_places == 1:
            return False
        self.num_places //= 2
        self._decoders.clear()
        return True

    def decoder(self, shape: _Shape) -> GraphedDecoder:
        """A decoder of that shape, all of its places idle."""
        decoder = self._decoders.get(shape)
        if decoder is None:
            self._decoders.clear()  # its memory first
            if self.capture:
                gc.collect()
                torch.cuda.empty_cache()  # a graph's memory serves no other one until then
            decoder = GraphedDecoder(
                self.lm,
                self.conditions,
                places=shape.places,
                num_features=shape.num_features,
                num_steps=shape.num_steps,
                top_k=shape.top_k,
                capture=self.capture,
                step=self.step_taken,
            )
            self._decoders[shape] = decoder
        decoder.leave()
        return decoder


@dataclass(eq=False)
class _Run:
    """One draft of a window on its way; `left` steps of it are still to be drawn."""

    drawing: WindowDraft
    layout: WindowLayout
    left: int

    @property
    def share(self) -> float:
        """Of what is to be drawn."""
        return 1 - self.left / (self.layout.end - self.layout.known)


@torch.inference_mode()
def generate_takes_on_device(
    model: OnDevice,
    units: Sequence[TakeUnit],
    *,
    windows: WindowConfig,
    on_step: OnUnitStep = lambda number, share: None,
    on_unit: OnUnit = lambda number, codes: None,
    judge: Judge | None = None,
    side_by_side: int | None = None,
) -> list[Tensor]:
    """Draw the codes [K, T] of several takes; those that were dropped are left out. See `generate_takes`.

    The shapes that a step computes in do not follow the takes: it has the model's number of places, or half of them
    and so on where there is no memory to open them.
    """
    if not units:
        return []
    conditions, books = model.conditions, model.lm.config.num_codebooks
    queue = WindowQueue(units, windows, books, on_step=on_step, on_unit=on_unit, judge=judge)
    decoder = _opened(model, units, windows)
    places = min(model.num_places, side_by_side or model.num_places)
    running: dict[int, _Run] = {}
    while queue or running:
        for place in range(places):
            if place not in running and (draft := queue.next()) is not None:
                running[place] = _begun(decoder, conditions, place, draft)
        steps = min(STEPS_BETWEEN_NEWS, *(run.left for run in running.values()))
        decoder.run(steps)
        decoder.wait()
        for place, run in list(running.items()):
            run.left -= steps
            if queue.goes_on(run.drawing, run.share):
                if run.left:
                    continue
                queue.land(run.drawing, undelay(decoder.delayed(place, run.layout.num_steps)[None])[0])
            decoder.leave(place)
            del running[place]
    return [queue.done[number] for number in sorted(queue.done)]


def _opened(model: OnDevice, units: Sequence[TakeUnit], windows: WindowConfig) -> GraphedDecoder:
    """With as many places as the device has memory for."""
    while True:
        try:
            return model.decoder(_shape_of(model, units, windows))
        except Exception as error:
            if not (is_out_of_memory(error) and model.take_fewer_places()):
                raise
        # Out here the error is gone, and with it what it held of the places that could not be opened.


def _shape_of(model: OnDevice, units: Sequence[TakeUnit], windows: WindowConfig) -> _Shape:
    """With room for whole windows, however short the takes are."""
    longest = windows.window_frames
    return _Shape(
        places=model.num_places,
        num_features=-(-longest // model.lm.frame_rate),
        num_steps=longest + model.lm.config.num_codebooks - 1,
        top_k=max(USUAL_TOP_K, *(unit.sampling.top_k for unit in units)),
    )


def _begun(decoder: GraphedDecoder, conditions: LanguageModel, place: int, drawing: WindowDraft) -> _Run:
    layout = drawing.layout(conditions)
    run = _Run(drawing, layout, left=layout.end - layout.known)
    generator = torch.Generator().manual_seed(drawing.seed)
    uniforms = torch.rand(run.left, conditions.config.num_codebooks, generator=generator)
    decoder.begin(place, layout, drawing.unit.sampling, uniforms)
    return run
