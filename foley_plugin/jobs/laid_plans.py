"""The plan of a take that is there already: as it was made, laid where its clip is now."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from engine.protocol import Generate, fraction
from foley_plugin.jobs.generate import DEFAULT_HANDLE
from foley_plugin.timeline.laying import laid_plan
from foley_plugin.timeline.placement import CuePlan, plan_cue
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


def plan_of_request(request: Generate) -> CuePlan:
    """What a take was made for, without a place."""
    return CuePlan(
        picture=request.picture,
        head=request.head,
        duration=(0, 1),
        record_frame=0,
        duration_frames=0,
        head_frames=0,
        wav_frames=0,
        num_samples=request.num_samples,
    )


def plan_under(cut: CutRecord, selected: Selected, request: Generate) -> CuePlan:
    """The plan of a take of this very selection.

    Handles are lengthened to whole frames of the cut that a take was made in, and where the clip lies otherwise
    between the frames of this one, those of its WAV are not what would be planned today.

    Raises:
        SelectionError: the clip cannot get foley.
    """
    plan = plan_cue(cut, selected, handle_s=DEFAULT_HANDLE)
    if fraction(plan.head) == fraction(request.head) and plan.num_samples == request.num_samples:
        return plan
    made = plan_of_request(request)
    here = replace(made, picture=msgspec.structs.replace(request.picture, media=plan.picture.media))
    return laid_plan(here, selected, selected.record_in - fraction(request.head), fraction(cut.rate))
