"""The editing programs and formats that a timeline can be written for."""

from __future__ import annotations

from foley_plugin.nle.aaf import AAF
from foley_plugin.nle.fcp7xml import FCP7XML
from foley_plugin.nle.fcpxml import FCPXML
from foley_plugin.nle.otioz import OTIOZ
from foley_plugin.nle.plain import PLAIN
from foley_plugin.nle.premiere import PREMIERE
from foley_plugin.nle.resolve import RESOLVE
from foley_plugin.nle.target import NleTarget

TARGETS = {target.name: target for target in (RESOLVE, PREMIERE, PLAIN, FCP7XML, FCPXML, OTIOZ, AAF)}


def target_of_suffix(suffix: str) -> NleTarget | None:
    """The first target whose files end so; None where there is none."""
    return next((target for target in TARGETS.values() if target.suffix == suffix.lower()), None)
