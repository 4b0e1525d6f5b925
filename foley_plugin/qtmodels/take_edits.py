"""What a person does with takes: place, slip, name, favour, trash. Each is stored at once and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import msgspec
from PyQt6.QtCore import QObject, pyqtSignal

from foley_plugin.jobs.generate import placement, planned_placement
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.meant import chosen_takes
from foley_plugin.jobs.slips import check_slip
from foley_plugin.qtmodels.edit_history import Change, EditHistory
from foley_plugin.qtmodels.lanes import clip_key
from foley_plugin.qtmodels.take_choices import Choices, TakeChoices
from foley_plugin.qtmodels.take_shelf import ShelfTake, Slot, TakeShelf
from foley_plugin.takes.records import StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.takes.take_marks import TakeMark
from foley_plugin.timeline.laying import slip_limits
from foley_plugin.timeline.placement import ON_A_FRAME, SAMPLE_RATE
from foley_plugin.timeline.records import CutRecord, Placement

Work = Callable[[], object]


@dataclass(frozen=True)
class Landed:
    """Takes of a job that are new on the shelf, and the one of them that was put onto the timeline, if any."""

    takes: Sequence[StoredTake] = ()
    placed: StoredTake | None = None


@dataclass
class _Landing:
    """What a job's takes have changed, for undo."""

    before: Choices
    after: Choices = field(default_factory=dict)
    is_undone: bool = False


class TakeEdits(QObject):
    """The takes of one open cut. `shelf` is what they are; nothing else changes it."""

    changed = pyqtSignal(object)
    """The `ClipKey`s of the takes that something was done with, or undone."""

    def __init__(
        self,
        store: Store,
        cut: CutRecord,
        jobs: Sequence[Job],
        history: EditHistory,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._cut, self._history = store, cut, history
        self.shelf = TakeShelf()
        self._choices = TakeChoices(store, self.shelf)
        self._landings: dict[int, _Landing] = {}
        self._restore_shelf(jobs)

    # On and off the timeline

    def place(self, take_id: str) -> None:
        """Put a take on the timeline in the place of any other."""
        before = self._choices.around(take_id)
        if set(before.values()) == {take_id}:
            return
        self._do(
            [take_id],
            self.tr("choice of take"),
            lambda: self._choices.place(take_id),
            lambda: self._choices.restore(before),
            series=("choice", *before),
        )

    def take_off(self, take_ids: Iterable[str]) -> None:
        """Take takes off the timeline; they stay on the shelf."""
        gone = [take_id for take_id in take_ids if self.shelf.is_placed(take_id)]
        before = self._around(gone)
        if gone:
            self._do(
                gone,
                self.tr("taking off"),
                lambda: self._choices.take_off(gone),
                lambda: self._choices.restore(before),
            )

    def land(self, job: Job) -> Landed:
        """New takes of a job onto the shelf, its first one onto the timeline too.

        Raises:
            FoleyError: the project cannot be written.
        """
        new = [take for take in job.takes if not self.shelf.has(str(take.id))]
        if not new:
            return Landed()
        for take in new:
            self._lay(job, take)
            sync = self._store.take_marks.sync(take.id)
            if sync is not None:
                self.shelf.syncs[str(take.id)] = sync
        is_placed = new[0] is job.takes[0] and self._place_landed(job, str(new[0].id))
        return Landed(new, new[0] if is_placed else None)

    def _place_landed(self, job: Job, take_id: str) -> bool:
        """Not where the editor has undone what the job placed before."""
        landing = self._landings.get(job.id)
        if landing is not None and landing.is_undone:
            return False
        is_first = landing is None
        landing = self._landings.setdefault(job.id, _Landing(self._choices.around(take_id, job.layers)))
        self._choices.place_newest(take_id, job.layers)
        landing.after = self._choices.of(landing.before)
        if is_first:
            self._history.did(
                self.tr("generating"),
                self._telling([take_id], lambda: self._put_landing(landing, is_undone=False)),
                self._telling([take_id], lambda: self._put_landing(landing, is_undone=True)),
            )
        return True

    def _put_landing(self, landing: _Landing, *, is_undone: bool) -> None:
        self._choices.restore(landing.before if is_undone else landing.after)
        landing.is_undone = is_undone

    # Slip

    def slip(self, take_id: str, by_samples: int) -> None:
        """Slip a take further, later where positive, by samples at 48 kHz."""
        before = self.shelf.take(take_id).slip_samples
        self._slip_to(take_id, before, before + by_samples)

    def slip_frames(self, take_id: str, by_frames: int) -> None:
        """As `slip`, by frames of the timeline, from frame to frame even where one is no whole number of samples."""
        before = self.shelf.take(take_id).slip_samples
        self._slip_to(take_id, before, self.frames_later(before, by_frames))

    def slip_to(self, take_id: str, samples: int) -> None:
        """Slip a take so far from where it was made."""
        self._slip_to(take_id, self.shelf.take(take_id).slip_samples, samples)

    def frames_later(self, slip_samples: int, by_frames: int) -> int:
        """What a slip becomes by frames of the timeline, samples at 48 kHz."""
        frame_samples = SAMPLE_RATE / Fraction(*self._cut.rate)
        frames = slip_samples / frame_samples
        if abs(frames - round(frames)) <= ON_A_FRAME:
            frames = Fraction(round(frames))
        return round((frames + by_frames) * frame_samples)

    def within_handles(self, take_id: str, slip_samples: int) -> int:
        """The slip nearest to this one with which the take still fills all its places."""
        rate = Fraction(*self._cut.rate)
        jobs = [place.job for place in self.shelf.places_of(take_id)]
        limits = [slip_limits(job.plan, rate) for job in jobs if job is not None]
        earliest, latest = max(low for low, _ in limits), min(high for _, high in limits)
        return min(max(slip_samples, earliest), latest)

    def reset_slip(self, take_id: str) -> None:
        self._slip_to(take_id, self.shelf.take(take_id).slip_samples, 0)

    def _slip_to(self, take_id: str, before: int, after: int) -> None:
        if before == after:
            return
        places = self.shelf.places_of(take_id)

        def slip(samples: int) -> None:
            for place in places:
                assert place.job is not None
                check_slip(samples, place.take, place.job.plan, Fraction(*self._cut.rate))
            self._store.take_slips.set(places[0].take.id, samples)
            for place in places:
                assert place.job is not None
                self._lay(place.job, place.take)

        self._do(
            [take_id], self.tr("slip"), lambda: slip(after), lambda: slip(before), series=("slip", take_id)
        )

    # Marks

    def rename(self, take_id: str, name: str) -> None:
        """What people call it from now on; an empty name gives it its own one back. Its file keeps its name."""
        self._mark(self.tr("rename"), take_id, name=name.strip() or None)

    def set_favourite(self, take_id: str, is_favourite: bool) -> None:
        self._mark(self.tr("favourite"), take_id, is_favourite=is_favourite)

    def trash(self, take_ids: Iterable[str]) -> None:
        """Hide takes, and take them off the timeline. Their files stay where they are."""
        gone = [take_id for take_id in take_ids if not self.shelf.is_trashed(take_id)]
        before, marks = self._around(gone), {take_id: self.shelf.mark(take_id) for take_id in gone}
        now = datetime.now(UTC).isoformat(timespec="seconds")

        def trash() -> None:
            self._choices.take_off(gone)
            for take_id in gone:
                self._set_mark(take_id, msgspec.structs.replace(marks[take_id], trashed_at=now))

        def untrash() -> None:
            for take_id in gone:
                self._set_mark(take_id, marks[take_id])
            self._choices.restore(before)

        if gone:
            self._do(gone, self.tr("moving to the trash"), trash, untrash)

    def restore(self, take_id: str) -> None:
        """Out of the trash, back into the list; not onto the timeline."""
        self._mark(self.tr("restoring"), take_id, trashed_at=None)

    def _mark(self, words: str, take_id: str, **said: object) -> None:
        before = self.shelf.mark(take_id)
        after = msgspec.structs.replace(before, **said)
        if after != before:
            self._do(
                [take_id],
                words,
                lambda: self._set_mark(take_id, after),
                lambda: self._set_mark(take_id, before),
            )

    def _set_mark(self, take_id: str, mark: TakeMark) -> None:
        self._store.take_marks.set(self.shelf.take(take_id).take.id, mark)
        self.shelf.marks[take_id] = mark

    # Files

    def placements(self) -> list[Placement]:
        """What lies on the timeline, each as a file that can be written into one: copies are made where needed.

        Raises:
            TakeMissing: a copy cannot be made.
        """
        return [self._placement(take) for take in self.shelf.placed()]

    def wav_of(self, take_id: str) -> Path:
        """The take's file as it is slipped, to be handed to another program.

        Raises:
            TakeMissing: a copy is needed and cannot be made.
        """
        return Path(self._placement(self.shelf.take(take_id)).wav)

    def _placement(self, take: ShelfTake) -> Placement:
        if not take.cut_samples or take.job is None:
            return take.planned
        return placement(self._store, self._cut, take.job, take.take)

    # within

    def _restore_shelf(self, jobs: Sequence[Job]) -> None:
        """The takes of earlier days; those that are meant lie on the timeline."""
        book = self._store.take_marks
        self.shelf.marks = {str(take_id): mark for take_id, mark in book.all().items()}
        self.shelf.syncs = {str(take_id): sync for take_id, sync in book.syncs().items()}
        chosen = chosen_takes(jobs, self._store.cue_book.chosen(), book.trashed())
        meant = {take.id for _, take in chosen}
        for job in sorted(jobs, key=lambda job: job.id):
            for take in job.takes:
                self._lay(job, take, place=take.id in meant)

    def _lay(self, job: Job, take: StoredTake, *, place: bool = False) -> None:
        planned, cut_samples = planned_placement(self._store, self._cut, job, take)
        slip_samples = self._store.take_slips.of(take.id)
        self.shelf.add(ShelfTake(take, slot_of(job), planned, cut_samples, slip_samples, job), place=place)

    def _around(self, take_ids: Iterable[str]) -> Choices:
        return {slot: placed for each in take_ids for slot, placed in self._choices.around(each).items()}

    def _do(
        self, take_ids: Sequence[str], words: str, redo: Work, undo: Work, *, series: object = None
    ) -> None:
        self._history.do(words, self._telling(take_ids, redo), self._telling(take_ids, undo), series=series)

    def _telling(self, take_ids: Sequence[str], work: Work) -> Change:
        clips = frozenset(place.clip for each in take_ids for place in self.shelf.places_of(each))

        def change() -> None:
            work()
            self.changed.emit(clips)

        return change


def slot_of(job: Job) -> Slot:
    return Slot(clip_key(job.selected.clip), job.plan.record_frame, job.plan.duration_frames, job.cue.layer)
