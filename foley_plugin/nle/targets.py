"""The editing programs that a timeline can be written for."""

from __future__ import annotations

from foley_plugin.nle.plain import PLAIN
from foley_plugin.nle.premiere import PREMIERE
from foley_plugin.nle.resolve import RESOLVE

TARGETS = {target.name: target for target in (RESOLVE, PREMIERE, PLAIN)}
