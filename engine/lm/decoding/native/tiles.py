"""Vector tiles of a matrix product, as LLVM IR that is inlined into the kernels.

A weight matrix [N, K] lies in blocks of 16 outputs: [N / 16, K / g, 16, g], where the g values of 4 bytes that
belong to one output stand side by side (float32: 1, bfloat16: 2, int8: 4). The blocks of one tile may take turns,
[K / g, B, 16, g], so that the tile reads memory in one go. Activations lie row by row. One step of the inner loop
loads 64 bytes of weights per block, broadcasts g activations of each of R rows and adds to R x B vectors of 16 sums.
Keys and values of the cache are blocks too.

Where the processor multiplies narrow values itself, activations are as narrow as weights. Elsewhere they are made
wide once, and a block's weights once for all rows of a tile: bfloat16 as float32, bytes as int16 with each 4 in the
order 0, 2, 1, 3, so that a mask and a shift of the weights give partners.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.lm.decoding.native.machine import instructions

LANES = 16
LINE_BYTES = 64
"""Of weights in one step of the inner loop, a block."""
GROUP = 4
"""Blocks of 16 outputs in one item of work; where a tile holds them all, they take turns in memory."""
I8, I16, I32, I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
F32 = ir.FloatType()
V_I32, V_F32 = ir.VectorType(I32, LANES), ir.VectorType(F32, LANES)


def _splat(builder: Any, value: Any) -> Any:
    vector = ir.VectorType(value.type, LANES)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, I32(0))
    return builder.shuffle_vector(
        one, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(I32, LANES), [0] * LANES)
    )


def _all(value: int) -> Any:
    return ir.Constant(V_I32, [value] * LANES)


def _call(builder: Any, name: str, result: Any, *arguments: Any) -> Any:
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


def _as_is(builder: Any, weight: Any) -> Any:
    return weight


def _low_float(builder: Any, weight: Any) -> Any:
    """The first bfloat16 of each 4 bytes."""
    return builder.bitcast(builder.shl(weight, _all(16)), V_F32)


def _high_float(builder: Any, weight: Any) -> Any:
    return builder.bitcast(builder.and_(weight, _all(-65536)), V_F32)


def _even_bytes(builder: Any, weight: Any) -> Any:
    """Unsigned bytes 0 and 2 of each 4, as two int16."""
    return builder.and_(weight, _all(0x00FF00FF))


def _odd_bytes(builder: Any, weight: Any) -> Any:
    return builder.and_(builder.lshr(weight, _all(8)), _all(0x00FF00FF))


def _fma(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + weight * x in each lane, rounded once."""
    return _call(builder, "llvm.fma.v16f32", V_F32, weight, x, acc)


def _add_bf16(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + the dot product of 2 bfloat16 weights with 2 bfloat16 activations, in each lane."""
    kind = ir.FunctionType(V_F32, [V_F32, V_I32, V_I32])
    return builder.asm(kind, "vdpbf16ps $3, $2, $0", "=v,0,v,v", [acc, weight, x], False)


def _add_bytes(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + the dot product of 4 unsigned weights with 4 signed activations, in each lane."""
    kind = ir.FunctionType(V_I32, [V_I32, V_I32, V_I32])
    return builder.asm(kind, "vpdpbusd $3, $2, $0", "=v,0,v,v", [acc, weight, x], False)


def _add_pairs(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + the dot product of 2 int16 with 2 int16, in each lane; exact."""
    if "pairs" not in instructions():
        for lift in (
            lambda v: builder.ashr(builder.shl(v, _all(16)), _all(16)),
            lambda v: builder.ashr(v, _all(16)),
        ):
            acc = builder.add(acc, builder.mul(lift(weight), lift(x)))
        return acc
    shorts = ir.VectorType(I16, 2 * LANES)
    weight, x = builder.bitcast(weight, shorts), builder.bitcast(x, shorts)
    if "wide" in instructions():
        return builder.add(acc, _call(builder, "llvm.x86.avx512.pmaddw.d.512", V_I32, weight, x))
    half = ir.VectorType(I32, LANES // 2)
    sums = []
    for first in (0, LANES):
        places = ir.Constant(ir.VectorType(I32, LANES), list(range(first, first + LANES)))
        parts = [builder.shuffle_vector(v, ir.Constant(shorts, ir.Undefined), places) for v in (weight, x)]
        sums.append(_call(builder, "llvm.x86.avx2.pmadd.wd", half, *parts))
    return builder.add(acc, builder.shuffle_vector(*sums, ir.Constant(V_I32, list(range(LANES)))))


class Product(NamedTuple):
    """How 64 bytes of weights meet a row's activations.

    Attributes:
        stored: LLVM's type of the weights, of `scalar` activations and of `sums`.
        lifts: what is multiplied of the weights, each with 4 bytes of the row.
    """

    stored: Any
    scalar: Any
    sums: Any
    lifts: tuple[Callable[[Any, Any], Any], ...]
    add: Callable[[Any, Any, Any, Any], Any]


PRODUCTS = {
    (types.float32, types.float32): Product(V_F32, F32, V_F32, (_as_is,), _fma),
    (types.uint16, types.uint16): Product(V_I32, I32, V_F32, (_as_is,), _add_bf16),
    (types.uint16, types.float32): Product(V_I32, F32, V_F32, (_low_float, _high_float), _fma),
    (types.uint8, types.int8): Product(V_I32, I32, V_I32, (_as_is,), _add_bytes),
    (types.uint8, types.int16): Product(V_I32, I32, V_I32, (_even_bytes, _odd_bytes), _add_pairs),
}
"""By numba's types of weights and activations."""


def fetch(builder: Any, pointer: Any) -> None:
    """Bring a line into the first cache; an address that is nowhere does no harm."""
    kind = ir.FunctionType(ir.VoidType(), [I8.as_pointer(), I32, I32, I32])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(function, [pointer, I32(0), I32(3), I32(1)])


class Strides(NamedTuple):
    """From a block to the next one, from a step of the inner loop to the next one, to the lines that are asked for."""

    block: Any
    step: Any
    asked: Any


class Matrix(NamedTuple):
    """Of a matrix in memory: where the first row begins, and from one to the next."""

    first: Any
    stride: Any


class Tile:
    """One tile's code: R rows by B blocks of 16 outputs, over `groups` steps of the inner loop.

    At each step `asks` lines of memory are asked for, to be near when they are wanted.
    """

    def __init__(self, builder: Any, rows: int, blocks: int, asks: int, product: Product) -> None:
        self.builder, self.rows, self.blocks, self.asks = builder, rows, blocks, asks
        self.product = product
        self.cells = [(r, b) for r in range(rows) for b in range(blocks)]

    def emit(self, weights: Any, bytes_to: Strides, x: Matrix, groups: Any, out: Matrix) -> None:
        """Addresses are byte pointers, strides bytes; the products are added to what `out` holds."""
        builder = self.builder
        sums = {cell: self._place(out, *cell) for cell in self.cells}
        held = {cell: builder.load(place, align=4) for cell, place in sums.items()}
        heads = [builder.gep(weights, [builder.mul(bytes_to.block, I64(b))]) for b in range(self.blocks)]
        panels = [builder.gep(x.first, [builder.mul(x.stride, I64(r))]) for r in range(self.rows)]
        before = builder.block
        loop, after = builder.append_basic_block("tile"), builder.append_basic_block("tile.end")
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(I64)
        step.add_incoming(I64(0), before)
        accs = {cell: builder.phi(self.product.sums) for cell in self.cells}
        for cell, acc in accs.items():
            acc.add_incoming(held[cell], before)
        added = self._add_step(accs, heads, step, panels, bytes_to)
        following = builder.add(step, I64(1))
        step.add_incoming(following, loop)
        for cell, acc in accs.items():
            acc.add_incoming(added[cell], loop)
        builder.cbranch(builder.icmp_signed("<", following, groups), loop, after)
        builder.position_at_end(after)
        for cell, value in added.items():
            builder.store(value, sums[cell], align=4)

    def _add_step(
        self, accs: dict[tuple[int, int], Any], heads: list[Any], step: Any, x: list[Any], bytes_to: Strides
    ) -> dict[tuple[int, int], Any]:
        """One step of the inner loop. A part of the weights at a time: few registers hold lifted weights."""
        builder, lifts = self.builder, self.product.lifts
        at = builder.mul(step, bytes_to.step)
        loaded = [self._load(builder.gep(head, [at]), self.product.stored) for head in heads]
        for line in range(self.asks):
            ahead = builder.add(builder.add(at, bytes_to.asked), I64(LINE_BYTES * line))
            fetch(builder, builder.gep(heads[0], [ahead]))
        along = builder.mul(step, I64(4 * len(lifts)))
        added = dict(accs)
        for part, lift in enumerate(lifts):
            lifted = [lift(builder, weight) for weight in loaded]
            for r, row in enumerate(x):
                place = builder.gep(row, [builder.add(along, I64(4 * part))])
                activation = _splat(builder, self._load(place, self.product.scalar))
                for b, weight in enumerate(lifted):
                    added[r, b] = self.product.add(builder, added[r, b], weight, activation)
        return added

    def _place(self, out: Matrix, row: int, block: int) -> Any:
        builder = self.builder
        offset = builder.add(builder.mul(out.stride, I64(row)), I64(LINE_BYTES * block))
        return builder.bitcast(builder.gep(out.first, [offset]), self.product.sums.as_pointer())

    def _load(self, pointer: Any, kind: Any) -> Any:
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=1)
