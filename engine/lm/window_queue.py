"""In which order the windows of several takes are drawn, how often each, and what of it is kept.

A unit's windows run in order. Where a unit is drafted, each of its windows is drawn so often, side by side if there
are places, and the next one goes on from the draft that is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.config import WindowConfig
from engine.lm.layout import WindowLayout, lay_out
from engine.lm.model import LanguageModel
from engine.lm.units import TakeUnit
from engine.lm.windows import Window, draft_seed, window_seed

OnUnitStep = Callable[[int, float], bool | None]
"""Called after each step of a unit with its number and the share of it that is done; may raise to stop.

Where it answers False, that unit alone is dropped.
"""

OnUnit = Callable[[int, Tensor], None]
"""Called with a unit's number and its codes [K, T] as soon as it is whole."""

KeepBest = Callable[[TakeUnit, Window, Sequence[Tensor]], int]
"""Which of a window's drafts, each codes [K, L], is kept."""


@dataclass(frozen=True, eq=False)
class WindowDraft:
    """What is drawn in one place: a draft of one window of a unit.

    `codes` [K, T] are the take's as far as they are known, to be read only; `seed` is the window's generator's.
    """

    number: int
    unit: TakeUnit
    draft: int
    window: Window
    codes: Tensor
    seed: int

    def layout(self, lm: LanguageModel) -> WindowLayout:
        unit = self.unit
        return lay_out(lm, unit.conditions, self.window, unit.sampling, self.codes, unit.forced())


class _Course:
    """A unit on its way: its codes so far, the window it is in, and that window's drafts."""

    def __init__(
        self, number: int, unit: TakeUnit, plan: list[Window], codes: Tensor, num_drafts: int
    ) -> None:
        self.number, self.unit, self.codes = number, unit, codes
        self._plan, self._num_drafts = plan, num_drafts
        self._window = 0
        self._begin()

    def _begin(self) -> None:
        self.shares = [0.0] * self._num_drafts
        self.drawn: dict[int, Tensor] = {}

    @property
    def window(self) -> Window:
        return self._plan[self._window]

    @property
    def share(self) -> float:
        """Of the whole unit; a window's drafts are as far as their mean."""
        fresh = [window.length - window.prime for window in self._plan]
        of_window = sum(self.shares) / len(self.shares)
        return (sum(fresh[: self._window]) + of_window * fresh[self._window]) / sum(fresh)

    @property
    def is_window_drawn(self) -> bool:
        return len(self.drawn) == self._num_drafts

    def drafts(self) -> list[WindowDraft]:
        """Of the window it is in."""
        seeds = [draft_seed(self.unit.seed, draft) for draft in range(self._num_drafts)]
        return [
            WindowDraft(
                self.number, self.unit, draft, self.window, self.codes, window_seed(seed, self._window)
            )
            for draft, seed in enumerate(seeds)
        ]

    def keep(self, drawn: Tensor) -> bool:
        """Take over the window's codes [K, L]; False where there is no further window."""
        window = self.window
        self.codes[:, window.start : window.start + window.length] = drawn
        if self._window + 1 == len(self._plan):
            return False
        self._window += 1
        self._begin()
        return True


class WindowQueue:
    """What is still to be drawn of some units; tells of them as it is told of their drafts."""

    def __init__(
        self,
        units: Sequence[TakeUnit],
        windows: WindowConfig,
        num_codebooks: int,
        *,
        on_step: OnUnitStep,
        on_unit: OnUnit,
        keep_best: KeepBest | None,
    ) -> None:
        """
        Args:
            on_unit: is told at once of units in which there is nothing to draw.
            keep_best: None draws every window once.
        """
        self._on_step, self._on_unit, self._keep_best = on_step, on_unit, keep_best
        self.done: dict[int, Tensor] = {}
        self._courses: dict[int, _Course] = {}
        self._waiting: deque[WindowDraft] = deque()
        for number, unit in enumerate(units):
            codes, plan = unit.begun(num_codebooks), unit.plan(windows)
            if not plan:
                self._hand_over(number, unit, codes)
                continue
            num_drafts = 1 if keep_best is None else unit.num_drafts
            self._courses[number] = course = _Course(number, unit, plan, codes, num_drafts)
            self._waiting += course.drafts()

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self) -> WindowDraft | None:
        """None where nothing waits."""
        return self._waiting.popleft() if self._waiting else None

    def goes_on(self, draft: WindowDraft, share: float) -> bool:
        """A draft is so far. False where its unit was dropped."""
        course = self._courses.get(draft.number)
        if course is None:
            return False
        course.shares[draft.draft] = share
        if self._on_step(draft.number, course.share) is False:
            del self._courses[draft.number]
            self._waiting = deque(each for each in self._waiting if each.number != draft.number)
            return False
        return True

    def land(self, draft: WindowDraft, codes: Tensor) -> None:
        """A draft is whole: codes [K, L]. With a window's last one the next window waits, before all others."""
        course = self._courses[draft.number]
        course.drawn[draft.draft] = codes
        if not course.is_window_drawn:
            return
        drawn = [course.drawn[each] for each in sorted(course.drawn)]
        best = 0
        if self._keep_best is not None and len(drawn) > 1:
            best = self._keep_best(draft.unit, course.window, drawn)
        if course.keep(drawn[best]):
            self._waiting.extendleft(reversed(course.drafts()))
            return
        del self._courses[draft.number]
        self._hand_over(draft.number, draft.unit, course.codes)

    def _hand_over(self, number: int, unit: TakeUnit, codes: Tensor) -> None:
        self.done[number] = unit.heard(codes)
        self._on_unit(number, self.done[number])
