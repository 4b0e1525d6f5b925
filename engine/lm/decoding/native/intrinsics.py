"""What numba cannot say: vector tiles of a matrix product, atomics, a pause. LLVM IR, inlined into the kernels."""

from __future__ import annotations

import sys
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.lm.decoding.native.tiles import F32, I8, I32, I64, PRODUCTS, Matrix, Strides, Tile

llvm.initialize_native_asmparser()
STRIDES = types.UniTuple(types.int64, 3)


def _byte_pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """The address of an element of a one-dimensional array."""
    data = context.make_array(array_type)(context, builder, array).data
    size = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
    pointer = builder.bitcast(data, I8.as_pointer())
    return builder.gep(pointer, [builder.mul(index, I64(size))])


def _rows(context: Any, builder: Any, matrix_type: Any, matrix: Any, row: Any, column: Any) -> Matrix:
    """A two-dimensional array's rows from an element on."""
    array = context.make_array(matrix_type)(context, builder, matrix)
    stride, to_next = cgutils.unpack_tuple(builder, array.strides, 2)
    offset = builder.add(builder.mul(row, stride), builder.mul(column, to_next))
    return Matrix(builder.gep(builder.bitcast(array.data, I8.as_pointer()), [offset]), stride)


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
    out: Any,
    row: Any,
    out_first: Any,
) -> Any:
    """out[row + r, out_first + b * 16 + n] += products of block b, output n, with x[row + r, x_first ...].

    rows, blocks and asks are literals: at each of `groups` steps so many lines of memory are asked for. Weights are a
    one-dimensional array, x and out two-dimensional ones whose rows are contiguous. Sums of bytes are int32, all others
    float32. Strides count elements: (to the next block, to the next step, to the lines that are asked for).
    """
    signature = types.void(
        rows, blocks, asks, weights, types.int64, STRIDES, x, types.int64, types.int64, out, types.int64, types.int64
    )  # fmt: skip

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _, _, _, w, w_at, to, xs, x_at, count, result, row_at, result_at = args
        product = PRODUCTS[weights.dtype, x.dtype]
        emitter = Tile(builder, rows.literal_value, blocks.literal_value, asks.literal_value, product)
        size = context.get_abi_sizeof(context.get_data_type(weights.dtype))
        emitter.emit(
            _byte_pointer(context, builder, weights, w, w_at),
            Strides(*(builder.mul(each, I64(size)) for each in cgutils.unpack_tuple(builder, to))),
            _rows(context, builder, x, xs, row_at, x_at),
            count,
            _rows(context, builder, out, result, row_at, result_at),
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
