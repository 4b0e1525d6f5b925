"""One row at a time: normalise, quantise, exponentiate. float32 throughout, vectorised by LLVM.

`fastmath` lets a sum run in 16 lanes; the order is fixed when the function is compiled, and a row's length is
all that it depends on.
"""

from __future__ import annotations

import numpy as np

from engine.lm.decoding.native.compiling import FAST, kernel
from engine.lm.decoding.native.intrinsics import bits_of_float, float_of_bits

ZERO, HALF, ONE, TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
EPSILON = np.float32(1e-5)
SMALLEST = np.float32(1e-12)
BYTE = np.float32(127)
TWO_BYTES = np.float32(127 * 128)
LEAST = np.float32(-3e38)
LOWEST, HIGHEST = np.float32(-87), np.float32(88)
LOG2_E = np.float32(1.4426950408889634)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
E2, E3, E4, E5, E6 = (np.float32(1 / n) for n in (2, 6, 24, 120, 720))
ROOT_HALF = np.float32(0.7071067811865476)
# erf by Abramowitz and Stegun 7.1.26: |error| below 1.5e-7.
P = np.float32(0.3275911)
A1, A2, A3, A4, A5 = (
    np.float32(a) for a in (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
)


@kernel(fastmath=FAST)
def exponential(x):
    """exp(x) to 2 units in the last place, for x up to 88; 0 below -87."""
    is_nothing = x < LOWEST
    x = x if x > LOWEST else LOWEST
    x = x if x < HIGHEST else HIGHEST
    whole = np.floor(x * LOG2_E + HALF)
    rest = x - whole * LN2_HIGH - whole * LN2_LOW
    series = ONE + rest * (ONE + rest * (E2 + rest * (E3 + rest * (E4 + rest * (E5 + rest * E6)))))
    power = float_of_bits((np.int32(whole) + np.int32(127)) << np.int32(23))
    return ZERO if is_nothing else series * power


@kernel(fastmath=FAST)
def gelu(x):
    """x * Phi(x), by the error function."""
    z = abs(x) * ROOT_HALF
    t = ONE / (ONE + P * z)
    series = t * (A1 + t * (A2 + t * (A3 + t * (A4 + t * A5))))
    erf = ONE - series * exponential(-z * z)
    return HALF * x * (ONE + (erf if x >= ZERO else -erf))


@kernel(fastmath=FAST)
def gelu_row(x):
    """In place."""
    for i in range(x.shape[0]):
        x[i] = gelu(x[i])


@kernel(fastmath=FAST)
def normalise(x, weight, bias, out):
    """Layer norm of one row."""
    size = np.float32(x.shape[0])
    total = ZERO
    for i in range(x.shape[0]):
        total += x[i]
    mean = total / size
    squares = ZERO
    for i in range(x.shape[0]):
        squares += (x[i] - mean) * (x[i] - mean)
    scale = ONE / np.sqrt(squares / size + EPSILON)
    for i in range(x.shape[0]):
        out[i] = (x[i] - mean) * scale * weight[i] + bias[i]


@kernel(fastmath=FAST)
def largest(x):
    """The greatest magnitude. Found among the bits, which are in the order of what they stand for: LLVM takes the
    greatest of integers in vectors, of floats one by one."""
    most = np.int32(0)
    for i in range(x.shape[0]):
        most = max(most, bits_of_float(x[i]) & np.int32(0x7FFFFFFF))
    return float_of_bits(most)


@kernel(fastmath=FAST)
def to_bytes(x, out):
    """One row to symmetric bytes, in any signed type; returns the size of a unit and the sum of the bytes."""
    most = largest(x)
    most = most if most > SMALLEST else SMALLEST
    inverse = BYTE / most
    total = np.int32(0)
    for i in range(x.shape[0]):
        value = np.int32(np.floor(x[i] * inverse + HALF))
        out[i] = value
        total += value
    return most / BYTE, total


@kernel(fastmath=FAST)
def to_two_bytes(x, out):
    """A row [n], none of it negative, to [2, n]: in units of 128, and what they leave, -64 to 63.

    Returns the size of a unit of the first and the sums of both.
    """
    most = largest(x)
    most = most if most > SMALLEST else SMALLEST
    inverse = TWO_BYTES / most
    coarse, fine = np.int32(0), np.int32(0)
    for i in range(x.shape[0]):
        value = np.int32(np.floor(x[i] * inverse + HALF))
        high = (value + np.int32(64)) >> np.int32(7)
        low = value - (high << np.int32(7))
        out[0, i], out[1, i] = high, low
        coarse += high
        fine += low
    return most / BYTE, coarse, fine


@kernel()
def swap_middles(x):
    """Of each 4 the order is 0, 2, 1, 3 (see `tiles`)."""
    for i in range(0, x.shape[0], 4):
        x[i + 1], x[i + 2] = x[i + 2], x[i + 1]


@kernel()
def bfloat16_bits(value):
    """Rounded to nearest, ties to even."""
    bits = bits_of_float(value)
    odd = (bits >> np.int32(16)) & np.int32(1)
    return np.uint16(((bits + np.int32(0x7FFF) + odd) >> np.int32(16)) & np.int32(0xFFFF))


@kernel()
def rounded_to_bfloat16(value):
    """As float32."""
    return float_of_bits(np.int32(bfloat16_bits(value)) << np.int32(16))


@kernel()
def in_order(bits):
    """The bits of a float32 so that they are in the order of the floats; and back again."""
    return bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF))


@kernel(fastmath=FAST)
def softmax(scores):
    """In place."""
    most = np.int32(-0x7FFFFFFF)
    for i in range(scores.shape[0]):
        most = max(most, in_order(bits_of_float(scores[i])))
    most = float_of_bits(in_order(most))
    total = ZERO
    for i in range(scores.shape[0]):
        value = exponential(scores[i] - most)
        scores[i] = value
        total += value
    inverse = ONE / total
    for i in range(scores.shape[0]):
        scores[i] *= inverse
