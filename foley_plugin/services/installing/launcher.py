"""The words that start this very foley from another program."""

from __future__ import annotations

import sys
from pathlib import Path


def foley_command() -> list[str]:
    """The `foley` beside this Python; where there is none, this Python with the module's name.

    Absolute, since an editing program's PATH is not the user's.
    """
    name = "foley.exe" if sys.platform == "win32" else "foley"
    launcher = Path(sys.executable).parent / name
    if launcher.is_file():
        return [str(launcher)]
    return [sys.executable, "-m", "foley_plugin"]
