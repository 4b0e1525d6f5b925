"""Sentences of the layers below, as they are said in the panel: without the command line, in its language."""

from __future__ import annotations

import re

from foley_plugin.ui.told_sentences import said_here

_OPTION = r"--[a-z][a-z-]*(?: [A-Z]+(?:=[A-Z]+)?)?"
_REMEDIES = (
    re.compile(rf",? or (?:choose|give|say)\b[^,;.]*?(?:with |by )?{_OPTION}"),
    re.compile(rf"(?<=Media…”), or {_OPTION}|(?<=media…”), or {_OPTION}"),
    re.compile(rf" \({_OPTION}\)"),
    re.compile(rf",? (?:with|by|to) {_OPTION}"),
)
"""An option as one of two remedies, in brackets, or at the end: what is left of the sentence stands without it."""


def in_the_panel(sentence: str) -> str:
    """The sentence without options of the command line; where the panel has a way of its own, with that."""
    sentence = sentence.replace("by --rate", "in File > Frame rate of the EDL")
    sentence = sentence.replace("--target fcp7xml", "Final Cut Pro 7 XML")
    for remedy in _REMEDIES:
        sentence = remedy.sub("", sentence)
    return said_here(sentence)
