"""The own kernels as another processor would run them: python -m tests.engine.lm.decoding.emulated [INSTRUCTION ...]

The code that is generated for 512-bit vectors, sums of bytes and sums of bfloat16 is run here with those few
instructions spelt out in plain LLVM IR, so that its layouts and loops are tested on any processor. It must be a
process of its own, with a NUMBA_CACHE_DIR of its own: what is compiled here is for no real machine.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import Any

import torch

from engine.lm.decoding.native import machine, tiles

LANES = tiles.LANES


def byte_sums(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """vpdpbusd: 4 unsigned weights with 4 signed activations."""
    for byte in range(4):
        unsigned = builder.and_(builder.lshr(weight, tiles._all(8 * byte)), tiles._all(255))
        signed = builder.ashr(builder.shl(x, tiles._all(24 - 8 * byte)), tiles._all(24))
        acc = builder.add(acc, builder.mul(unsigned, signed))
    return acc


def bfloat16_sums(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """vdpbf16ps: 2 weights with 2 activations; its own rounding differs in the last bit."""
    for lift in (tiles._high_float, tiles._low_float):
        acc = tiles._fma(builder, acc, lift(builder, weight), lift(builder, x))
    return acc


def pretend(names: frozenset[str]) -> None:
    """Generate code for a processor with these instructions; before the kernels are first imported."""
    machine.instructions = lambda: names  # type: ignore[assignment]
    tiles.instructions = machine.instructions
    for key, each in list(tiles.PRODUCTS.items()):
        spelt = {tiles._add_bf16: bfloat16_sums, tiles._add_bytes: byte_sums}.get(each.add)
        if spelt is not None:
            tiles.PRODUCTS[key] = each._replace(add=spelt)


def main(names: frozenset[str]) -> None:
    """Print a line a mask and a type: the greatest error of a step's logits, and whether rows stand alone."""
    pretend(names)
    from tests.engine.lm.decoding.test_decoders import (
        KINDS,
        WEIGHT_TYPES,
        inputs_of,
        lm_of,
        open_,
        stepped_logits,
    )

    for kind, dtype in product(KINDS, WEIGHT_TYPES):
        x, whole, features = inputs_of(lm_of(kind))
        decoder = open_(kind, dtype, True)
        assert decoder.backend == "numba " + "+".join(sorted(names)), decoder.backend
        decoder.open(2, x.shape[1])
        with torch.inference_mode():
            slow = stepped_logits(decoder, x, features, whole.shape[2], known=0, place=0)
            fast = stepped_logits(decoder, x, features, whole.shape[2], known=77, place=1)
        error = (slow - whole).square().mean(dim=(0, 1, 3)).sqrt() / whole.std()
        print(kind, dtype, float(error.max()), torch.equal(slow[:, :, 77:], fast), flush=True)


if __name__ == "__main__":
    main(frozenset(sys.argv[1:]))
