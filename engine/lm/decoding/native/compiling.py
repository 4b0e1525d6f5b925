"""How the kernels are compiled: into machine code that is kept for as long as their sources are what they were."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from numba import config, njit

settings: Any = config
"""numba's own: names that it makes when it is imported, which no type checker sees."""
SOURCES = Path(__file__).parent
FAST = {"reassoc", "contract", "nsz", "arcp", "nnan", "ninf"}


def kernel(
    *, fastmath: set[str] | bool = False, allocates: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function when it is first called. Division by zero gives what numpy's does.

    Args:
        allocates: whether it makes arrays, or calls what does. Where none are made no references are counted: numba
            counts those to an array at each call and each slice, atomically, some hundred times a head of attention.
    """
    folder = code_folder()
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": fastmath,
        "cache": folder is not None,
        "_nrt": allocates,
    }

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        before = settings.CACHE_DIR
        settings.CACHE_DIR = str(folder or "")
        try:
            dispatcher: Callable[..., Any] = njit(function, **options)
            return dispatcher
        finally:
            settings.CACHE_DIR = before

    return compiled


@cache
def code_folder() -> Path | None:
    """Where machine code of these very sources is kept, or None where nothing can be written.

    numba looks at a function's own file to tell whether what it kept still holds, but a kernel has those of other files
    in it: after an update it would run old ones. Beside the sources nothing older is left; in a folder that several
    installations may share nothing is removed.
    """
    sources = b"".join(path.read_bytes() for path in sorted(SOURCES.glob("*.py")))
    name = f"kernels-{hashlib.sha256(sources).hexdigest()[:8]}"
    own = SOURCES / "__pycache__"
    bases = [own, platformdirs.user_cache_path("foley", appauthor=False)]
    for base in [Path(settings.CACHE_DIR)] if settings.CACHE_DIR else bases:
        folder = base / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            if base == own:
                _remove_others(folder)
            return folder
    return None


def _remove_others(folder: Path) -> None:
    """What older sources left beside it."""
    for other in folder.parent.glob("kernels-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
