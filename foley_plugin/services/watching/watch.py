"""A folder that is watched: an exported timeline in, foley out.

    exports/cut_v3.otio             from any editing program
    exports/foley/cut_v3_foley.otio what is imported there
    exports/foley/takes/            the sounds, one project for all versions of the cut

One engine serves all of it, so the model is loaded once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import FoleyError
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.wishes import layered
from foley_plugin.services.batch import Stop
from foley_plugin.services.engine_client import EngineLost
from foley_plugin.services.hand_back import HAND_BACK_FOLDER, is_written_by, written_timeline
from foley_plugin.services.known_sounds import UnknownSound
from foley_plugin.services.making import Making
from foley_plugin.services.opening import open_cut
from foley_plugin.services.watching.continuing import is_all_held
from foley_plugin.services.watching.inbox import Inbox
from foley_plugin.takes.errors import ProjectError, ProjectLocked
from foley_plugin.takes.lock import LOCK_NAME, ProjectLock, read_holder
from foley_plugin.timeline.records import AS_IT_STANDS, ClipRecord, CutRecord, Reading
from foley_plugin.timeline.selection import Selected, left_out, select

OUT_FOLDER = "foley"
LOCK_FOLDER = ".watch"
TICK_S = 0.25
IDLE_LOOK_S = 10.0
"""The folder is looked at this often even where nothing is heard of it; some systems lose news."""


class WatchFailed(FoleyError):
    """A folder that cannot be watched."""

    code = "watch"


@dataclass(frozen=True)
class Watch:
    """What is watched, and how.

    Attributes:
        labels: what is heard, each on a layer of its own; none leaves it to the picture.
        reading: which of a file's timelines is meant, and the rate of EDLs.
        project: where takes go; None is the folder of the results.
        settle_s: a timeline counts when it has stood still for so long.
        poll_s: look by the clock instead of waiting for news: network folders send none. None waits.
        is_once: end when what is there is done.
    """

    folder: Path
    wish: Wish
    labels: Sequence[str] = ()
    reading: Reading = AS_IT_STANDS
    project: Path | None = None
    settle_s: float = 2.0
    poll_s: float | None = None
    is_once: bool = False

    @property
    def out(self) -> Path:
        return self.folder / OUT_FOLDER

    @property
    def project_folder(self) -> Path:
        return self.project if self.project is not None else self.out

    def wishes(self, selected: Sequence[Selected]) -> list[tuple[Selected, Wish]]:
        return layered([(each, self.wish) for each in selected], self.labels)


Make = Callable[[CutRecord, list[tuple[Selected, Wish]], Path], Making]
"""A cut, what to make for which of its clips, and the timeline to write."""


@dataclass(frozen=True)
class Handled:
    """What came of one timeline."""

    source: Path
    making: Making | None = None
    is_there: Path | None = None
    """What an earlier run has written of the same bytes."""
    sentence: str | None = None
    """Why nothing came of it."""
    left_out: Sequence[ClipRecord] = ()
    """What got no foley though it is seen, since something is wrong with it."""
    is_own: bool = False
    """Foley wrote it, so that it is passed over."""
    is_put_back: bool = False
    """It is tried again: the project is open elsewhere."""


def watched(watch: Watch, make: Make, stop: Stop) -> Iterator[Handled]:
    """Every timeline of the folder as it comes, until the stop; what is wrong with one does not end the watch.

    Raises:
        WatchFailed: there is no such folder, it is watched already, or it is gone.
        ProjectError: the results cannot be written.
    """
    if not watch.folder.is_dir():
        raise WatchFailed(f"There is no folder {watch.folder}; make it, or check the path.")
    with _held(watch):
        inbox = Inbox(watch.folder, watch.settle_s)
        waiting: set[Path] = set()
        for _ in _ticks(watch, inbox, stop):
            for path in _settled(inbox, watch):
                if stop.is_set:
                    return
                handled = _handled(path, watch, make)
                if not handled.is_put_back:
                    waiting.discard(path)
                    yield handled
                    continue
                inbox.put_back(path, time.monotonic())
                if path not in waiting:
                    waiting.add(path)
                    yield handled
            if stop.is_set or (watch.is_once and not inbox.is_settling):
                return


@contextmanager
def _held(watch: Watch) -> Iterator[None]:
    """Nobody else watches the same folder meanwhile."""
    place = watch.out / LOCK_FOLDER
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = ProjectLock(place)
    except ProjectLocked:
        holder = read_holder(place / LOCK_NAME)
        who = f" by {holder.user} on {holder.host} (process {holder.pid})" if holder else ""
        raise WatchFailed(f"{watch.folder} is watched already{who}; end that watch first.") from None
    except (OSError, ProjectError) as error:
        raise WatchFailed(f"{watch.out} cannot be written ({error}); watch another folder.") from error
    try:
        yield
    finally:
        lock.release()


def _ticks(watch: Watch, inbox: Inbox, stop: Stop) -> Iterator[None]:
    """A moment to look into the folder: at news of it, while something settles, and now and then."""
    yield
    looked_s = time.monotonic()
    for has_news in _pulse(watch):
        if stop.is_set:
            yield
        waited_s = time.monotonic() - looked_s
        is_due = inbox.is_settling and waited_s >= (watch.poll_s or 0)
        if has_news or is_due or waited_s >= IDLE_LOOK_S:
            looked_s = time.monotonic()
            yield


def _pulse(watch: Watch) -> Iterator[bool]:
    """Every `TICK_S`, and at once at news: whether there are some."""
    if watch.is_once:
        while True:
            time.sleep(TICK_S)
            yield False
    from watchfiles import watch as news_of  # here, so that foley's other commands start without it

    for news in news_of(
        watch.folder,
        recursive=False,
        debounce=200,
        rust_timeout=round(TICK_S * 1000),
        yield_on_timeout=True,
        force_polling=watch.poll_s is not None,
        poll_delay_ms=round((watch.poll_s or 1) * 1000),
        ignore_permission_denied=True,
        watch_filter=None,
    ):
        yield bool(news)


def _settled(inbox: Inbox, watch: Watch) -> list[Path]:
    try:
        return inbox.settled(time.monotonic())
    except OSError as error:
        raise WatchFailed(
            f"{watch.folder} cannot be read any more ({error.strerror}); start the watch again when it is back."
        ) from error


def _handled(path: Path, watch: Watch, make: Make) -> Handled:
    if any(is_written_by(project, path) for project in _projects_beside(watch)):
        return Handled(path, is_own=True)
    try:
        cut = open_cut(path, reading=watch.reading, project=watch.project_folder)
        if cut.has_foley:
            return Handled(path, is_own=True)
        wishes, without = watch.wishes(select(cut)), left_out(cut)
        known = _known(watch, cut, wishes)
        if known is not None:
            return Handled(path, is_there=known, left_out=without)
        making = make(cut, wishes, free_output(watch.out, path))
        return Handled(path, making=making, left_out=without)
    except ProjectLocked as error:
        sentence = f"{path.name}: {error.sentence}"
        return Handled(path, sentence=sentence, is_put_back=not watch.is_once)
    except (EngineLost, UnknownSound) as error:
        return Handled(path, sentence=f"{path.name}: {error.sentence}")
    except FoleyError as error:
        return Handled(path, sentence=error.sentence)
    except OSError as error:
        return Handled(path, sentence=f"{path.name} cannot be read ({error.strerror}); export it again.")


def _projects_beside(watch: Watch) -> Iterator[Path]:
    """The watch's own project and those that lie in its folder."""
    yield watch.project_folder
    for notes in watch.folder.glob(f"*/{HAND_BACK_FOLDER}"):
        if notes.parent != watch.project_folder:
            yield notes.parent


def _known(watch: Watch, cut: CutRecord, wishes: list[tuple[Selected, Wish]]) -> Path | None:
    """What was written of the same bytes, unless more can be made for them by now."""
    labels = {wish.label for _, wish in wishes if wish.label is not None}
    known = written_timeline(watch.project_folder, cut, labels)
    if known is None or not is_all_held(cut, wishes, watch.project_folder):
        return None
    return known


def free_output(folder: Path, source: Path) -> Path:
    """`NAME_foley.otio`, with a number where that is taken."""
    number = 1
    while True:
        ending = "" if number == 1 else f"_{number}"
        target = folder / f"{source.stem}_foley{ending}.otio"
        if not os.path.lexists(target):
            return target
        number += 1
