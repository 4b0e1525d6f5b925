"""Triton's kernels on this processor, for a process that has not imported Triton yet: import this first."""

from __future__ import annotations

import inspect
import os
from functools import cache
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"

from triton.runtime import interpreter

_patch = interpreter._patch_lang_tensor


def _patch_with_bounds(tensor: Any, scope: Any) -> None:
    """NumPy from 2.4 on makes no integer of an array of one element, which the bound of a loop is in Triton 3.6."""
    _patch(tensor, scope)
    scope.set_attr(tensor, "__index__", lambda self: self.handle.data.item())


interpreter._patch_lang_tensor = _patch_with_bounds


@cache
def _builtins_of(package: Any) -> list[str]:
    return [name for name, member in inspect.getmembers(package) if interpreter.tl.core.is_builtin(member)]


def _patch_builtins(package: Any, builder: Any, scope: Any) -> None:
    """Triton looks through all of its language for them at each call of a function, a fifth of the time."""
    for name in _builtins_of(package):
        member = getattr(package, name)
        if interpreter.tl.core.is_builtin(member):
            interpreter._patch_attr(package, name, member, builder, scope)


interpreter._patch_builtin = _patch_builtins
