"""How tokens are drawn from the language model: in full, and as a request wishes it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

MAX_DRAFTS = 8


class SamplingWish(Struct, frozen=True, omit_defaults=True):
    """What a request says of it; None leaves a number to the model."""

    cfg_scale: float | None = None
    top_k: Annotated[int, Meta(ge=1)] | None = None
    temperature: float | None = None
    steady_cooling: float | None = None
    guide_against: Literal["null", "held"] | None = None
    drafts: Annotated[int, Meta(ge=1, le=MAX_DRAFTS)] | None = None

    def over(self, own: Sampling) -> Sampling:
        """In full: the model's own numbers where this says none."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        return msgspec.structs.replace(
            own, **{name: value for name, value in said.items() if value is not None}
        )


class Sampling(SamplingWish, frozen=True, omit_defaults=False):
    """All of it; by default, as suits the default model. Another model's folder says what suits that one."""

    cfg_scale: float = 2.0
    top_k: Annotated[int, Meta(ge=1)] = 64
    temperature: float = 0.85
    steady_cooling: float = 0.7
    """Times the temperature, for labels that sound on and on: without hits, nobody asked for a change at any moment."""
    guide_against: Literal["null", "held"] = "null"
    """What guidance leads away from: no conditions at all, or the picture with its first frame held."""
    drafts: Annotated[int, Meta(ge=1, le=MAX_DRAFTS)] = 4
    """Each window of a take with hits is drawn so often at most, until a draft is as it should be; the best is kept."""


AS_PUBLISHED = Sampling(cfg_scale=3.0, top_k=256, temperature=1.0, steady_cooling=1.0, drafts=1)
"""FoleyGen's own (arXiv 2309.10537); the paper leaves the temperature open."""
