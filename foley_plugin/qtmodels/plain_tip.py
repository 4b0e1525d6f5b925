"""Words of a tooltip or a message as they are: Qt takes those that look like markup for it, and a clip may be called
anything.
"""

from __future__ import annotations

import html


def plain_tip(words: str) -> str:
    """Words with names that somebody gave, for a tooltip or a message box; several lines stay several."""
    if "<" not in words and "&lt;" not in words:  # of entities, Qt goes by this one alone
        return words
    return f"<qt>{html.escape(words).replace(chr(10), '<br>')}</qt>"
