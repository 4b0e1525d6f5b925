"""Own kernels for the decoding step on a CPU, compiled on the user's machine by numba.

A decoding step reads every weight once for a few rows: it is bound by memory, and general matrix products,
made for many rows, leave most of the bandwidth unused. Each row's sums run in one fixed order, so a row's result
depends neither on the rows beside it nor on the number of threads.
"""
