"""What numba cannot say: vector tiles of a matrix product, atomics, a pause. LLVM IR, inlined into the kernels."""

from __future__ import annotations

import sys
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.lm.decoding.native.tiles import F32, I8, I32, I64, PRODUCTS, Strides, Tile

llvm.initialize_native_asmparser()
STRIDES = types.UniTuple(types.int64, 3)


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
    asks: Any,
    weights: Any,
    first: Any,
    strides: Any,
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

    rows, blocks and asks are literals: with `asks`, memory is asked for what the next tile reads. The others are
    arrays (one-dimensional) and indices into them; `starts[row + r]` is what a sum of bytes begins with. Strides count
    elements: (to the next block, to the next step, to what the next tile reads).
    """
    signature = types.void(
        rows, blocks, asks, weights, types.int64, STRIDES, x, types.int64, types.int64, starts, types.int64, out,
        types.int64, types.int64,
    )  # fmt: skip

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _, _, _, w, w_at, to, xs, x_at, count, begin, begin_at, result, result_at, row_stride = args
        product = PRODUCTS[weights.dtype, x.dtype]
        emitter = Tile(builder, rows.literal_value, blocks.literal_value, bool(asks.literal_value), product)
        size = context.get_abi_sizeof(context.get_data_type(weights.dtype))
        emitter.emit(
            _byte_pointer(context, builder, weights, w, w_at),
            Strides(*(builder.mul(each, I64(size)) for each in cgutils.unpack_tuple(builder, to))),
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
