"""Several takes drawn on a GPU: as `engine.lm.generate`, but the host only lays windows out and fetches their codes.

Every window's length is known beforehand, so the host knows without asking when the next place is free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.config import CodecConfig, LMConfig, WindowConfig
from engine.errors import RequestError
from engine.lm.decoding.graphed import GraphedDecoder, StepKind, best_step
from engine.lm.decoding.narrowing import ReadTensor, WeightType
from engine.lm.decoding.opening import conditions_alone
from engine.lm.delay import undelay
from engine.lm.generate import OnUnit, OnUnitStep, TakeUnit, given_whole
from engine.lm.layout import WindowLayout, lay_out
from engine.lm.model import LanguageModel
from engine.lm.windows import Window, window_seed

STEPS_BETWEEN_NEWS = 25
"""The host waits for the device so often, to tell how far it is and to be stopped."""

PLACES = 16
"""Takes that a step has room for, whether they are there or not: one shape of kernels, one take's bytes.

A step reads the weights once for all of them, and at about twelve windows as much again of keys and values: more
places would gain little. Own kernels pass over those that are idle.
"""

USUAL_TOP_K = 256


@dataclass(frozen=True)
class _Shape:
    """What a decoder is captured for; features and steps of the longest window."""

    places: int
    num_features: int
    num_steps: int
    top_k: int


@dataclass(frozen=True)
class OnDevice:
    """A language model on a device, and its condition encoders on the CPU in float32."""

    lm: LanguageModel
    conditions: LanguageModel
    capture: bool
    step: StepKind = "torch"
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
            raise RequestError(f"PyTorch finds no device {device} on this machine: leave --device out.")
        compute = torch.float32 if dtype == "float32" else torch.bfloat16
        with torch.device("meta"):
            lm = LanguageModel(config, codec)
        tensors = {name: read(name).to(device, compute) for name in lm.state_dict()}
        lm.load_state_dict(tensors, assign=True)
        conditions = conditions_alone(config, codec, read)
        lm = lm.eval().requires_grad_(False)
        return cls(lm, conditions, device.startswith("cuda"), best_step(lm))

    @property
    def dtype(self) -> str:
        return str(self.lm.norm.weight.dtype).removeprefix("torch.")

    @property
    def backend(self) -> str:
        """What decides the bytes of a take beside the dtype."""
        kernels = ", triton" if self.step == "triton" else ""
        return f"{'cuda graph' if self.capture else 'device step'}{kernels}, {PLACES} places"

    def decoder(self, shape: _Shape) -> GraphedDecoder:
        """A decoder of that shape, all of its places idle."""
        decoder = self._decoders.get(shape)
        if decoder is None:
            self._decoders.clear()  # its memory first
            decoder = GraphedDecoder(
                self.lm,
                self.conditions,
                places=shape.places,
                num_features=shape.num_features,
                num_steps=shape.num_steps,
                top_k=shape.top_k,
                capture=self.capture,
                step=self.step,
            )
            self._decoders[shape] = decoder
        decoder.leave()
        return decoder


@dataclass(eq=False)
class _Run:
    number: int
    unit: TakeUnit
    plan: list[Window]
    codes: Tensor
    window: int = 0
    left: int = 0
    """Steps of this window that are still to be drawn."""
    layout: WindowLayout = field(init=False)

    @property
    def share(self) -> float:
        fresh = [window.length - window.prime for window in self.plan]
        of_window = 1 - self.left / (self.layout.end - self.layout.known)
        return (sum(fresh[: self.window]) + of_window * fresh[self.window]) / sum(fresh)

    def keep(self, delayed: Tensor) -> None:
        """The delayed codes [K, S] of the window that is over; the next one is up."""
        window = self.plan[self.window]
        self.codes[:, window.start : window.start + window.length] = undelay(delayed[None])[0]
        self.window += 1


@torch.inference_mode()
def generate_takes_on_device(
    model: OnDevice,
    units: Sequence[TakeUnit],
    *,
    windows: WindowConfig,
    num_places: int = PLACES,
    on_step: OnUnitStep = lambda number, share: None,
    on_unit: OnUnit = lambda number, codes: None,
    side_by_side: int | None = None,
) -> list[Tensor]:
    """Draw the codes [K, T] of several takes; those that were dropped are left out. See `generate_takes`.

    Args:
        num_places: of the step, a fixed number: the shapes that it computes in do not follow the takes.
    """
    if not units:
        return []
    conditions, books = model.conditions, model.lm.config.num_codebooks
    places = min(len(units), num_places, side_by_side or num_places)
    decoder = _opened(model, units, windows, num_places)
    done = given_whole(units, windows, books, on_unit)
    waiting = deque(
        _Run(number, unit, unit.plan(windows), unit.begun(books))
        for number, unit in enumerate(units)
        if number not in done
    )
    running: dict[int, _Run] = {}
    while waiting or running:
        for place in range(places):
            if place not in running and waiting:
                running[place] = waiting.popleft()
                _begin(decoder, conditions, place, running[place])
        steps = min(STEPS_BETWEEN_NEWS, *(run.left for run in running.values()))
        decoder.run(steps)
        decoder.wait()
        for place, run in list(running.items()):
            run.left -= steps
            if on_step(run.number, run.share) is False:
                decoder.leave(place)
                del running[place]
                continue
            if run.left:
                continue
            run.keep(decoder.delayed(place, run.layout.num_steps))
            if run.window < len(run.plan):
                _begin(decoder, conditions, place, run)
                continue
            done[run.number] = run.unit.heard(run.codes)
            on_unit(run.number, done[run.number])
            decoder.leave(place)
            del running[place]
    return [done[number] for number in sorted(done)]


def _opened(
    model: OnDevice, units: Sequence[TakeUnit], windows: WindowConfig, num_places: int
) -> GraphedDecoder:
    """With room for whole windows, however short the takes are."""
    longest = windows.window_frames
    shape = _Shape(
        places=num_places,
        num_features=-(-longest // model.lm.frame_rate),
        num_steps=longest + model.lm.config.num_codebooks - 1,
        top_k=max(USUAL_TOP_K, *(unit.sampling.top_k for unit in units)),
    )
    return model.decoder(shape)


def _begin(decoder: GraphedDecoder, conditions: LanguageModel, place: int, run: _Run) -> None:
    unit = run.unit
    window = run.plan[run.window]
    run.layout = lay_out(conditions, unit.conditions, window, unit.sampling, run.codes, unit.forced())
    run.left = run.layout.end - run.layout.known
    generator = torch.Generator().manual_seed(window_seed(unit.seed, run.window))
    uniforms = torch.rand(run.left, conditions.config.num_codebooks, generator=generator)
    decoder.begin(place, run.layout, unit.sampling, uniforms)
