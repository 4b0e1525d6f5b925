"""The panel's tests need Qt's system libraries."""

from __future__ import annotations

import pytest

LIBRARIES = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


def test_qt_can_be_loaded() -> None:
    """Where it cannot, every other test of the panel is left out too."""
    try:
        from PyQt6.QtWidgets import QApplication
    except ImportError as error:
        pytest.skip(f"Qt cannot be loaded ({error}); on Debian: apt-get install {LIBRARIES}")
    assert QApplication.staticMetaObject.className() == "QApplication"
