"""What numba cannot say: vector tiles of a matrix product, atomics, a pause. LLVM IR, inlined into the kernels.

A weight matrix [N, K] lies in blocks of 16 outputs: [N / 16, K / g, 16, g], where the g values of 4 bytes that
belong to one output stand side by side (float32: 1, bfloat16: 2, int8: 4). Activations of R rows lie as
[K / g, R, g]. So one step of the inner loop loads 64 bytes of weights per block, broadcasts 4 bytes a row and
adds to R x B vectors of 16 sums. Keys and values of the cache are blocks with g = 1, read as float32.
"""

from __future__ import annotations

import sys
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.lm.decoding.native.machine import instructions

llvm.initialize_native_asmparser()

LANES = 16
I8, I16, I32, I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
F32 = ir.FloatType()
V_I32, V_F32 = ir.VectorType(I32, LANES), ir.VectorType(F32, LANES)
V_I16, V_I8 = ir.VectorType(I16, LANES), ir.VectorType(I8, LANES)


def _splat(builder: Any, value: Any) -> Any:
    vector = ir.VectorType(value.type, LANES)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, I32(0))
    return builder.shuffle_vector(
        one, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(I32, LANES), [0] * LANES)
    )


def _all(value: int, vector: Any = V_I32) -> Any:
    return ir.Constant(vector, [value] * LANES)


def _fma(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c in each lane, rounded once."""
    kind = ir.FunctionType(V_F32, [V_F32, V_F32, V_F32])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32"), [a, b, c])


def _add_bytes(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + the dot product of 4 unsigned weights with 4 signed activations, in each lane; exact everywhere."""
    if "vnni" in instructions():
        kind = ir.FunctionType(V_I32, [V_I32, V_I32, V_I32])
        return builder.asm(kind, "vpdpbusd $3, $2, $0", "=v,0,v,v", [acc, weight, x], False)
    even = builder.and_(weight, _all(0x00FF00FF))
    odd = builder.and_(builder.lshr(weight, _all(8)), _all(0x00FF00FF))
    pairs = ir.VectorType(I16, 2 * LANES)
    eight = ir.Constant(pairs, [8] * 2 * LANES)
    halves = builder.bitcast(x, pairs)
    x_even = builder.bitcast(builder.ashr(builder.shl(halves, eight), eight), V_I32)
    x_odd = builder.bitcast(builder.ashr(halves, eight), V_I32)
    for weights, activations in ((even, x_even), (odd, x_odd)):
        for lift in (
            lambda v: builder.ashr(builder.shl(v, _all(16)), _all(16)),
            lambda v: builder.ashr(v, _all(16)),
        ):
            acc = builder.add(acc, builder.mul(lift(weights), lift(activations)))
    return acc


def _add_bf16(builder: Any, acc: Any, weight: Any, x: Any) -> Any:
    """acc + the dot product of 2 bfloat16 weights with 2 bfloat16 activations, in each lane."""
    if "bf16" in instructions():
        kind = ir.FunctionType(V_F32, [V_F32, V_I32, V_I32])
        return builder.asm(kind, "vdpbf16ps $3, $2, $0", "=v,0,v,v", [acc, weight, x], False)
    for lift in (lambda v: builder.shl(v, _all(16)), lambda v: builder.and_(v, _all(-65536))):
        acc = _fma(builder, builder.bitcast(lift(weight), V_F32), builder.bitcast(lift(x), V_F32), acc)
    return acc


def _as_float(builder: Any, loaded: Any) -> Any:
    """16 cached values as float32."""
    if loaded.type == V_I8:
        return builder.sitofp(builder.sext(loaded, V_I32), V_F32)
    if loaded.type == V_I16:
        return builder.bitcast(builder.shl(builder.zext(loaded, V_I32), _all(16)), V_F32)
    return loaded


class _Tile:
    """One tile's code: R rows by B blocks of 16 outputs, over `groups` steps of the inner loop."""

    def __init__(self, builder: Any, rows: int, blocks: int, ahead: int, weights: Any, x: Any) -> None:
        self.builder, self.rows, self.blocks, self.ahead = builder, rows, blocks, ahead
        self.weights, self.x = weights, x
        """numba's types of the two arrays' elements."""

    def vectors(self) -> tuple[Any, Any, Any]:
        """LLVM types of 16 weights (or 64 bytes of them), of the broadcast activation, of the sums."""
        if self.x == types.float32:
            stored = {types.float32: V_F32, types.uint16: V_I16, types.int8: V_I8}[self.weights]
            return stored, F32, V_F32
        return V_I32, I32, (V_I32 if self.x == types.int8 else V_F32)

    def add(self, acc: Any, weight: Any, x: Any) -> Any:
        if self.x == types.float32:
            return _fma(self.builder, _as_float(self.builder, weight), x, acc)
        if self.x == types.int8:
            return _add_bytes(self.builder, acc, weight, x)
        return _add_bf16(self.builder, acc, weight, x)

    def emit(
        self, weights: Any, block_bytes: Any, x: Any, groups: Any, starts: Any, out: Any, row_bytes: Any
    ) -> None:
        """Addresses are byte pointers; `starts` are R int32 that the sums of bytes begin with."""
        builder = self.builder
        stored, scalar, sums = self.vectors()
        cells = [(r, b) for r in range(self.rows) for b in range(self.blocks)]
        first = [self._start(sums, starts, r) for r, _ in cells]
        heads = [builder.gep(weights, [builder.mul(block_bytes, I64(b))]) for b in range(self.blocks)]
        before = builder.block
        loop, after = builder.append_basic_block("tile"), builder.append_basic_block("tile.end")
        builder.branch(loop)
        builder.position_at_end(loop)
        step = builder.phi(I64)
        step.add_incoming(I64(0), before)
        accs = [builder.phi(sums) for _ in cells]
        for acc, value in zip(accs, first, strict=True):
            acc.add_incoming(value, before)
        stride = {V_F32: 64, V_I32: 64, V_I16: 32, V_I8: 16}[stored]
        at = builder.mul(step, I64(stride))
        loaded = [self._load(builder.gep(head, [at]), stored) for head in heads]
        for head in heads if self.ahead else ():
            self._fetch(builder.gep(head, [builder.add(at, builder.mul(block_bytes, I64(self.ahead)))]))
        row = builder.mul(step, I64(4 * self.rows))
        broadcast = [
            _splat(builder, self._load(builder.gep(x, [builder.add(row, I64(4 * r))]), scalar))
            for r in range(self.rows)
        ]
        added = [self.add(acc, loaded[b], broadcast[r]) for acc, (r, b) in zip(accs, cells, strict=True)]
        following = builder.add(step, I64(1))
        step.add_incoming(following, loop)
        for acc, value in zip(accs, added, strict=True):
            acc.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, groups), loop, after)
        builder.position_at_end(after)
        for (r, b), value in zip(cells, added, strict=True):
            whole = builder.sitofp(value, V_F32) if sums == V_I32 else value
            place = builder.gep(out, [builder.add(builder.mul(row_bytes, I64(r)), I64(64 * b))])
            builder.store(whole, builder.bitcast(place, V_F32.as_pointer()), align=4)

    def _start(self, sums: Any, starts: Any, row: int) -> Any:
        if sums == V_I32:
            return _splat(self.builder, self._load(self.builder.gep(starts, [I64(4 * row)]), I32))
        return ir.Constant(V_F32, [0.0] * LANES)

    def _fetch(self, pointer: Any) -> None:
        """Bring a line near, into the second cache; an address beyond the array does no harm."""
        kind = ir.FunctionType(ir.VoidType(), [I8.as_pointer(), I32, I32, I32])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        self.builder.call(function, [pointer, I32(0), I32(2), I32(1)])

    def _load(self, pointer: Any, kind: Any) -> Any:
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=1)


def _byte_pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """The address of an element of a one-dimensional array."""
    data = context.make_array(array_type)(context, builder, array).data
    size = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    pointer = builder.bitcast(data, I8.as_pointer())
    return builder.gep(pointer, [builder.mul(index, I64(size))])


@intrinsic(prefer_literal=True)
def tile(
    typing_context: Any,
    rows: Any,
    blocks: Any,
    ahead: Any,
    weights: Any,
    first: Any,
    block_stride: Any,
    x: Any,
    x_first: Any,
    groups: Any,
    starts: Any,
    row: Any,
    out: Any,
    out_first: Any,
    row_stride: Any,
) -> Any:
    """out[out_first + r * row_stride + b * 16 + n] = sum of weights and activations of row r, block b, output n.

    rows, blocks and ahead are literals: `ahead` blocks further on, memory is asked for what the next tile reads. The
    others are arrays (one-dimensional) and indices into them; `starts[row + r]` is
    what a sum of bytes begins with; strides count elements.
    """
    signature = types.void(
        rows, blocks, ahead, weights, types.int64, types.int64, x, types.int64, types.int64, starts, types.int64, out,
        types.int64, types.int64,
    )  # fmt: skip

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _, _, _, w, w_at, stride, xs, x_at, count, begin, begin_at, result, result_at, row_stride = args
        emitter = _Tile(
            builder, rows.literal_value, blocks.literal_value, ahead.literal_value, weights.dtype, x.dtype
        )
        size = context.get_abi_sizeof(context.get_data_type(weights.dtype))
        emitter.emit(
            _byte_pointer(context, builder, weights, w, w_at),
            builder.mul(stride, I64(size)),
            _byte_pointer(context, builder, x, xs, x_at),
            count,
            _byte_pointer(context, builder, starts, begin, begin_at),
            _byte_pointer(context, builder, out, result, result_at),
            builder.mul(row_stride, I64(4)),
        )
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def add_atomic(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to array[index]; returns what was there before."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = builder.bitcast(
            _byte_pointer(context, builder, sig.args[0], args[0], args[1]), I64.as_pointer()
        )
        return builder.atomic_rmw("add", pointer, args[2], "seq_cst")

    return types.int64(array, types.int64, types.int64), generate


@intrinsic
def load_atomic(typing_context: Any, array: Any, index: Any) -> Any:
    """array[index], as other threads left it, and all that they wrote before."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = builder.bitcast(
            _byte_pointer(context, builder, sig.args[0], args[0], args[1]), I64.as_pointer()
        )
        return builder.load_atomic(pointer, "seq_cst", 8)

    return types.int64(array, types.int64), generate


@intrinsic
def float_of_bits(typing_context: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], F32)

    return types.float32(types.int32), generate


@intrinsic
def bits_of_float(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], I32)

    return types.int32(types.float32), generate


@intrinsic
def give_way(typing_context: Any) -> Any:
    """Let another thread have this processor."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        name = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(I32, []), name)
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), generate
