"""Triton's kernels on this processor, for a process that has not imported Triton yet: import this first."""

from __future__ import annotations

import os
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"

from triton.runtime import interpreter

_patch = interpreter._patch_lang_tensor


def _patch_with_bounds(tensor: Any, scope: Any) -> None:
    """NumPy from 2.4 on makes no integer of an array of one element, which the bound of a loop is in Triton 3.6."""
    _patch(tensor, scope)
    scope.set_attr(tensor, "__index__", lambda self: self.handle.data.item())


interpreter._patch_lang_tensor = _patch_with_bounds
