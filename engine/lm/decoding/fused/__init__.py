"""The decoding step on own kernels for a GPU. Importing `step` imports Triton, which only Linux has."""
