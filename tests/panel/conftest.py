"""Where Qt's libraries are missing, the panel's tests are left out and one skip says what to install."""

from __future__ import annotations

try:
    import PyQt6.QtWidgets  # noqa: F401
except ImportError:
    collect_ignore_glob = ["test_[!q]*.py"]
else:
    from tests.panel.window_fixtures import cut_path, open_panel  # noqa: F401
