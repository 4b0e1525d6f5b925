"""Which function stages which kind of motion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.training.scenes import flow_stages as flow
from engine.training.scenes import hand_stages as hand
from engine.training.scenes import point_stages as point
from engine.training.scenes import stride_stages as stride
from engine.training.scenes.casting import Cast
from engine.training.scenes.cue import Cue, Staged

STAGES: dict[str, Callable[[np.random.Generator, Cue, Cast], Staged]] = {
    "bounce": point.stage_bounce,
    "strike": point.stage_strike,
    "poke": point.stage_poke,
    "collide": point.stage_collide,
    "walk": point.stage_walk,
    "door": point.stage_door,
    "pendulum": point.stage_pendulum,
    "drop": point.stage_drop,
    "shatter": point.stage_shatter,
    "drip": point.stage_drip,
    "sweep": point.stage_sweep,
    "handle": hand.stage_handle,
    "stride": stride.stage_stride,
    "slide": flow.stage_slide,
    "roll": flow.stage_roll,
    "wave": flow.stage_wave,
    "rain": flow.stage_rain,
    "stream": flow.stage_stream,
    "burn": flow.stage_burn,
    "sway": flow.stage_sway,
    "gusts": flow.stage_gusts,
}
