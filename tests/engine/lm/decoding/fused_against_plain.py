"""A process that runs Triton's kernels on the processor beside the step in PyTorch's operators; see test_fused.py.

It prints one JSON object: for each case the greatest error of a live row's logits over their deviation, and whether
all codes are equal.
"""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import msgspec
import torch

import tests.engine.lm.decoding.interpreted  # noqa: F401  (first: Triton reads its setting when it is imported)
from engine.config import VisualAttention
from engine.lm.decoding.graphed import GraphedDecoder, StepKind
from engine.lm.layout import lay_out
from engine.lm.model import LanguageModel
from engine.lm.sampling import sample_top_k
from engine.lm.windows import TakeConditions, Window
from engine.protocol import Sampling
from tests.engine.lm.small import CODEC, CONFIG, random_conditions

FRAMES = 60
SEATS = {0: Window(0, 60, 0), 2: Window(0, 55, 49), 3: Window(0, 1, 0)}
"""Place 1 is idle; place 2 goes past the end of the first second; place 3 is over in the middle."""
STEPS = 4


def lm_of(kind: VisualAttention) -> LanguageModel:
    torch.manual_seed(0)
    config = msgspec.structs.replace(CONFIG, visual_attention=kind, num_layers=1)
    lm = LanguageModel(config, CODEC).eval()
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return lm


def seated(lm: LanguageModel, step: StepKind, places: list[int]) -> GraphedDecoder:
    steps = FRAMES + CONFIG.num_codebooks - 1
    decoder = GraphedDecoder(
        lm, lm, places=4, num_features=2, num_steps=steps, top_k=256, capture=False, step=step
    )
    for place in places:
        window, drawn = SEATS[place], random_conditions(1, FRAMES, seed=place)
        assert drawn.sync is not None
        conditions = TakeConditions(drawn.visual[0].float(), place % 2, None, drawn.sync[0].float())
        generator = torch.Generator().manual_seed(place)
        codes = torch.randint(0, CONFIG.codebook_size, (CONFIG.num_codebooks, FRAMES), generator=generator)
        sampling = Sampling(top_k=4 + 4 * place, cfg_scale=1.0 + place)
        layout = lay_out(lm, conditions, window, sampling, codes)
        left = layout.num_steps - layout.known
        decoder.begin(place, layout, sampling, torch.rand(left, CONFIG.num_codebooks, generator=generator))
    return decoder


def compared(kind: VisualAttention) -> dict[str, object]:
    lm = lm_of(kind)
    plain, fused = (seated(lm, step, list(SEATS)) for step in ("torch", "triton"))
    worst = 0.0
    for _ in range(STEPS):
        plain.run(1)
        fused.run(1)
        live = torch.tensor([0, 1, 4, 5])
        off = (plain.logits - fused.logits)[live].abs().max() / plain.logits[live].std()
        worst = max(worst, float(off))
    steps = FRAMES + CONFIG.num_codebooks - 1
    is_equal = all(torch.equal(plain.delayed(place, steps), fused.delayed(place, steps)) for place in SEATS)
    return {"error": worst, "codes": is_equal}


def alone_and_in_company() -> bool:
    lm = lm_of("causal")
    alone, together = seated(lm, "triton", [2]), seated(lm, "triton", list(SEATS))
    for decoder in (alone, together):
        decoder.run(2)
    return torch.equal(alone.logits[4:6], together.logits[4:6])


def draws() -> int:
    """How many of some draws, among 100 codes with equal ones among their logits, are not the reference's."""
    from engine.lm.decoding.fused.drawing import draw_kernel

    places, codes, wrong = 12, 100, 0
    generator = torch.Generator().manual_seed(3)
    logits = 3 * torch.randn(places, 2, 1, codes, generator=generator)
    top_k = torch.randint(1, codes + 1, (places,), generator=generator)
    logits[:, :, :, 50:55] = logits[:, :, :, 45:46]
    scale, temperature = torch.full((places,), 2.0), 0.5 + torch.rand(places, generator=generator)
    uniforms = torch.rand(places, 1, 1, generator=generator).repeat(1, 2, 1)
    step, end = torch.zeros(places, dtype=torch.long), torch.ones(places, dtype=torch.long)
    free, delayed = torch.ones(places, 1, 2, dtype=torch.bool), torch.zeros(places, 1, 2, dtype=torch.long)
    draw_kernel[(places, 1)](
        logits, scale, temperature, top_k, uniforms, step, end, free, delayed, 1,
        BOOKS=1, CODES=codes, BLOCK=128, PDL=False,
    )  # fmt: skip
    for place in range(places):
        guided = logits[place, 1] + 2.0 * (logits[place, 0] - logits[place, 1])
        sampling = Sampling(temperature=float(temperature[place]), top_k=int(top_k[place]))
        drawn = sample_top_k(guided, sampling, uniforms[place, 0])
        wrong += int(drawn[0]) != int(delayed[place, 0, 0])
    return wrong


class NoCompiler:
    """A kernel on a machine that lacks what Triton compiles its launchers with."""

    def __getitem__(self, grid: tuple[int, ...]) -> NoReturn:
        raise RuntimeError("Failed to find C compiler.")


def builds() -> list[bool]:
    """Whether kernels can be built here, and where there is no compiler."""
    from engine.lm.decoding.fused import probe

    device = torch.device("cpu")
    can = probe.builds_kernels(device)
    probe.builds_kernels.cache_clear()
    probe.answer_kernel = NoCompiler()
    return [can, probe.builds_kernels(device)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    found: dict[str, object] = {kind: compared(kind) for kind in ("all-frame", "causal", "frame-wise")}  # type: ignore[arg-type]
    json.dump({**found, "alone": alone_and_in_company(), "draws": draws(), "builds": builds()}, sys.stdout)
