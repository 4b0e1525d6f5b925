"""In which order the windows of several takes are drawn, how often each, and what of it is kept.

A unit's windows run in order. Where a unit is drafted, each of its windows is drawn in rounds of some drafts, side by
side if there are places, until one is good or there have been enough; the next window goes on from the best.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from torch import Tensor

from engine.config import WindowConfig
from engine.lm.layout import WindowLayout, lay_out
from engine.lm.model import LanguageModel
from engine.lm.units import DRAFTS_AT_ONCE, TakeUnit
from engine.lm.windows import Window, draft_seed, window_seed

OnUnitStep = Callable[[int, float], bool | None]
"""Called after each step of a unit with its number and the share of it that is done; may raise to stop.

Where it answers False, that unit alone is dropped.
"""

OnUnit = Callable[[int, Tensor], None]
"""Called with a unit's number and its codes [K, T] as soon as it is whole."""


class Verdict(NamedTuple):
    """On a draft. The highest score is kept; where that one is good, no more are drawn."""

    score: float
    is_good: bool


UNJUDGED = Verdict(0.0, is_good=True)


class Judge(Protocol):
    """Says which drafts of windows are worth keeping."""

    def most_drafts(self, unit: TakeUnit, window: Window) -> int:
        """How many there may be of a window; where it is one, that one is not judged."""
        ...

    def __call__(self, unit: TakeUnit, window: Window, drafts: Sequence[Tensor]) -> Sequence[Verdict]:
        """On each draft of a round, the window's codes [K, L]."""
        ...


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
        self, number: int, unit: TakeUnit, plan: list[Window], codes: Tensor, judge: Judge | None
    ) -> None:
        self.number, self.unit, self.codes = number, unit, codes
        self._plan, self._judge = plan, judge
        self._window = 0
        self._begin()

    def _begin(self) -> None:
        most = 1 if self._judge is None else self._judge.most_drafts(self.unit, self.window)
        self.shares = [0.0] * most
        self.drawn: dict[int, Tensor] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._num_drafts = 0

    @property
    def window(self) -> Window:
        return self._plan[self._window]

    @property
    def share(self) -> float:
        """Of the whole unit; a window is as far as the mean of all drafts that it may need."""
        fresh = [window.length - window.prime for window in self._plan]
        of_window = sum(self.shares) / len(self.shares)
        return (sum(fresh[: self._window]) + of_window * fresh[self._window]) / sum(fresh)

    @property
    def is_round_drawn(self) -> bool:
        return len(self.drawn) == self._num_drafts

    def next_round(self) -> list[WindowDraft]:
        """Drafts of the window it is in; none where there have been enough."""
        first = self._num_drafts
        self._num_drafts = min(first + DRAFTS_AT_ONCE, len(self.shares))
        return [self._draft(number) for number in range(first, self._num_drafts)]

    def _draft(self, number: int) -> WindowDraft:
        seed = window_seed(draft_seed(self.unit.seed, number), self._window)
        return WindowDraft(self.number, self.unit, number, self.window, self.codes, seed)

    def take_in(self, number: int, codes: Tensor) -> None:
        """A draft of the window is whole: codes [K, L]. With a round's last one all of them are judged."""
        self.drawn[number] = codes
        if not self.is_round_drawn:
            return
        fresh = sorted(self.drawn.keys() - self._verdicts.keys())
        verdicts: Sequence[Verdict] = [UNJUDGED] * len(fresh)
        if self._judge is not None and len(self.shares) > 1:
            verdicts = self._judge(self.unit, self.window, [self.drawn[each] for each in fresh])
        self._verdicts.update(zip(fresh, verdicts, strict=True))

    @property
    def best(self) -> int:
        """Of the drafts so far; of equals, the first."""
        return max(sorted(self.drawn), key=lambda number: self._verdicts[number].score)

    @property
    def is_good(self) -> bool:
        return self._verdicts[self.best].is_good

    def keep(self, number: int) -> bool:
        """Take over a draft of the window; False where there is no further window."""
        window = self.window
        self.codes[:, window.start : window.start + window.length] = self.drawn[number]
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
        judge: Judge | None,
    ) -> None:
        """
        Args:
            on_unit: is told at once of units in which there is nothing to draw.
            judge: None draws every window once.
        """
        self._on_step, self._on_unit = on_step, on_unit
        self.done: dict[int, Tensor] = {}
        self._courses: dict[int, _Course] = {}
        self._waiting: deque[WindowDraft] = deque()
        for number, unit in enumerate(units):
            codes, plan = unit.begun(num_codebooks), unit.plan(windows)
            if not plan:
                self._hand_over(number, unit, codes)
                continue
            self._courses[number] = course = _Course(number, unit, plan, codes, judge)
            self._waiting += course.next_round()

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
        """A draft is whole: codes [K, L]. With a round's last one the next round or window waits, before all others."""
        course = self._courses[draft.number]
        course.take_in(draft.draft, codes)
        if not course.is_round_drawn:
            return
        coming = [] if course.is_good else course.next_round()
        if not coming and course.keep(course.best):
            coming = course.next_round()
        if coming:
            self._waiting.extendleft(reversed(coming))
            return
        del self._courses[draft.number]
        self._hand_over(draft.number, draft.unit, course.codes)

    def _hand_over(self, number: int, unit: TakeUnit, codes: Tensor) -> None:
        self.done[number] = unit.heard(codes)
        self._on_unit(number, self.done[number])
