"""The one place where seconds become pixels. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

MIN_PIXELS_PER_S = 0.01
MAX_PIXELS_PER_S = 4000.0
FIT_MARGIN = 0.02
"""Part of the width that stays empty on the right after `fitted`."""


@dataclass(frozen=True)
class TimeScale:
    """What stretch of the timeline is seen. Edits return copies.

    `left_s` is the time at x = 0 of the picture area; `width_px` its width; neither header nor margin is
    included in x.
    """

    pixels_per_s: float = 50.0
    left_s: float = 0.0
    width_px: float = 800.0

    def x_of(self, time_s: float) -> float:
        return (time_s - self.left_s) * self.pixels_per_s

    def time_at(self, x_px: float) -> float:
        return self.left_s + x_px / self.pixels_per_s

    def duration_of(self, pixels: float) -> float:
        return pixels / self.pixels_per_s

    @property
    def right_s(self) -> float:
        return self.time_at(self.width_px)

    @property
    def visible_s(self) -> float:
        return self.width_px / self.pixels_per_s

    def with_width(self, width_px: float) -> TimeScale:
        return replace(self, width_px=max(1.0, width_px))

    def scrolled_to(self, left_s: float) -> TimeScale:
        return replace(self, left_s=max(0.0, left_s))

    def zoomed(self, factor: float, about_s: float) -> TimeScale:
        """Zoomed so that `about_s` stays at its x, as far as the timeline's start allows."""
        pixels_per_s = min(MAX_PIXELS_PER_S, max(MIN_PIXELS_PER_S, self.pixels_per_s * factor))
        x_px = self.x_of(about_s)
        return replace(self, pixels_per_s=pixels_per_s, left_s=max(0.0, about_s - x_px / pixels_per_s))

    def fitted(self, from_s: float, to_s: float) -> TimeScale:
        """Shows exactly that stretch and a small margin after it."""
        duration_s = max(to_s - from_s, 1e-3)
        pixels_per_s = self.width_px * (1 - FIT_MARGIN) / duration_s
        pixels_per_s = min(MAX_PIXELS_PER_S, max(MIN_PIXELS_PER_S, pixels_per_s))
        return replace(self, pixels_per_s=pixels_per_s, left_s=max(0.0, from_s))

    def revealing(self, time_s: float) -> TimeScale:
        """Paged so that `time_s` is seen: what an editor expects of a running playhead."""
        if self.left_s <= time_s < self.right_s:
            return self
        return self.scrolled_to(time_s - 0.05 * self.visible_s)
