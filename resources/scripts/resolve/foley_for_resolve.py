"""Foley in DaVinci Resolve: Workspace > Scripts. `foley install resolve` put this file here.

"Foley" exports the current timeline and opens the Foley panel on it. After exporting in the panel,
"Foley - Bring back takes" lays the takes on new audio tracks of that timeline, and "Foley - Import as new
timeline" imports the timeline that Foley wrote. `foley uninstall resolve` takes all of them away.

Needs Python in Resolve: the Studio edition, or the free edition before 21.1. Without it export the timeline as
.otio by hand (File > Export > Timeline), open it in Foley and import what Foley writes.

Nothing but the standard library, and nothing newer than Python 3.6: Resolve brings its own.
"""

import glob
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from fractions import Fraction

FOLEY_COMMAND = []
"""The words that start foley; written here by the installer."""

HAND_OVER_FOLDER = ""
"""Where timelines go to Foley and come back; written here by the installer."""

ACTION = "open"
"""What this menu entry does: a key of ACTIONS."""

WAV_RATE = 24
"""Resolve counts the frames of a sound file at 24 a second, whatever the timeline's rate."""

BIN_NAME = "Foley"
AUDIO_ONLY = 2
AUDIO_TYPES = {1: "mono", 2: "stereo"}
TELLING_SHIFT_MS = 2.0
RATE_TOLERANCE = 0.0005
"""As a part of the rate: less than lies between 23.976 and 24."""
START_PATIENCE_S = 1.5
MESSAGE_NAME = "Foley message.txt"
FOREIGN_VARIABLES = (
    "PYTHONHOME",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "OTIO_PLUGIN_MANIFEST_PATH",
)
"""Set by Resolve for itself; they would make Foley load Resolve's libraries."""

BY_HAND = "export it by File > Export > Timeline as .otio and open that in Foley"


class Told(Exception):
    """What went wrong, in one sentence for the editor."""


# From Resolve to the panel


def open_panel(resolve):
    """Export the current timeline under a new name and open the panel on it; the sentence to tell."""
    project, timeline = current(resolve)
    folder = project_folder(project)
    path = new_path(folder, timeline.GetName())
    if not timeline.Export(path, resolve.EXPORT_OTIO) or not os.path.isfile(path):
        raise Told('Resolve could not export the timeline "%s"; %s.' % (timeline.GetName(), BY_HAND))
    note = {"timeline_id": timeline.GetUniqueId(), "timeline_name": timeline.GetName()}
    with open(note_path(path), "w", encoding="utf-8") as file:
        json.dump(note, file)
    start_panel(path, folder)
    return 'The Foley panel opens on "%s"; export there, then run Foley - Bring back takes.' % (
        timeline.GetName()
    )


def current(resolve):
    project = resolve.GetProjectManager().GetCurrentProject()
    timeline = project.GetCurrentTimeline() if project else None
    if not timeline:
        raise Told("There is no open timeline; open one on the Edit page and run Foley again.")
    return project, timeline


def project_folder(project):
    """The folder that this project shares with Foley, made where it is new."""
    home = HAND_OVER_FOLDER or os.path.join(os.path.expanduser("~"), "Documents", "foley", "resolve")
    folder = os.path.join(home, plain_name(project.GetName()) or "project")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise Told(
            "The folder %s cannot be made (%s); make room or run foley install resolve again."
            % (folder, error.strerror)
        )
    return folder


def plain_name(text):
    """Letters, digits and dashes of a name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:48]


def new_path(folder, timeline_name):
    """A name that was never used: Foley keeps what it makes of an export beside it."""
    stem = plain_name(timeline_name) or "timeline"
    number = 1
    while glob.glob(os.path.join(glob.escape(folder), "%s_%03d*" % (stem, number))):
        number += 1
    return os.path.join(folder, "%s_%03d.otio" % (stem, number))


def note_path(export):
    """Beside an export: which of Resolve's timelines it is."""
    return os.path.splitext(export)[0] + ".resolve.json"


def start_panel(path, folder):
    """The panel as a process of its own that outlives this script, and Resolve."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    log_path = os.path.join(folder, "panel.log")
    options = {"start_new_session": True}
    if os.name == "nt":
        options = {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    try:
        with open(log_path, "wb") as log:
            process = subprocess.Popen(
                list(FOLEY_COMMAND) + ["panel", path],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=environment,
                **options,
            )
    except (OSError, IndexError) as error:
        where = FOLEY_COMMAND[0] if FOLEY_COMMAND else "an unknown place"
        raise Told("Foley does not start from %s (%s); run foley install resolve again." % (where, error))
    _complain_where_it_ended(process, log_path)


def _complain_where_it_ended(process, log_path):
    deadline_s = time.time() + START_PATIENCE_S
    while time.time() < deadline_s:
        if process.poll() is not None:
            break
        time.sleep(0.05)
    if process.poll():
        with open(log_path, encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        raise Told("The Foley panel did not open: %s" % (lines[-1] if lines else "see %s." % log_path))


# From the panel back to Resolve


def bring_back(resolve):
    """Lay what the panel last exported for the current timeline; the sentence to tell."""
    project, timeline = current(resolve)
    folder = project_folder(project)
    hand_back = newest_hand_back(folder, timeline)
    check_rate(timeline, hand_back)
    check_files(hand_back)
    there = sounds_there(timeline)
    start_frame = timeline.GetStartFrame()
    tracks = [(track, missing_clips(track, there, start_frame)) for track in hand_back["tracks"]]
    tracks = [(track, clips) for track, clips in tracks if clips]
    older = older_takes(there, hand_back, folder, start_frame)
    if not tracks:
        return 'The takes of "%s" lie on the timeline already%s.' % (timeline.GetName(), older)
    items = imported(project.GetMediaPool(), sorted({clip["wav"] for _, clips in tracks for clip in clips}))
    shifts_ms = []
    for track, clips in tracks:
        shifts_ms += lay_track(project.GetMediaPool(), timeline, track, clips, items, hand_back)
    return summary(timeline, tracks, shifts_ms, older)


def newest_hand_back(folder, timeline):
    """What Foley says of the last export that was made of this timeline.

    Raises:
        Told: nothing was exported in the panel, or only for other timelines.
    """
    others = set()
    pattern = os.path.join(glob.escape(folder), "*.foley", "hand_back", "*.json")
    for path in sorted(glob.glob(pattern), key=lambda path: (os.path.getmtime(path), path), reverse=True):
        found = read_json(path)
        note = read_json(note_path(found.get("source", "")))
        if note.get("timeline_id") == timeline.GetUniqueId():
            return found
        if note.get("timeline_name"):
            others.add(note["timeline_name"])
    if others:
        raise Told(
            'Foley has takes for "%s" but none for this timeline; open that one first.' % (sorted(others)[0])
        )
    raise Told("Foley has exported nothing for this timeline yet; export in the Foley panel first.")


def read_json(path):
    """What a file holds; nothing where it is missing or broken."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def check_rate(timeline, hand_back):
    """A timeline whose rate was changed since has other frames."""
    told = re.match(r"[0-9.]+", str(timeline.GetSetting("timelineFrameRate") or ""))
    rate = Fraction(*hand_back["rate"])
    if told and abs(float(told.group()) - float(rate)) > RATE_TOLERANCE * float(rate):
        raise Told(
            "The timeline runs at %s frames a second, but it was exported at %.3f; run Foley again."
            % (told.group(), float(rate))
        )


def check_files(hand_back):
    for track in hand_back["tracks"]:
        for clip in track["clips"]:
            if not os.path.isfile(clip["wav"]):
                raise Told("The take %s is gone; export again in the Foley panel." % clip["wav"])


def sounds_there(timeline):
    """The sounds of the timeline: file and first frame."""
    found = set()
    for index in range(1, timeline.GetTrackCount("audio") + 1):
        for item in timeline.GetItemListInTrack("audio", index) or []:
            media = item.GetMediaPoolItem()
            if media:
                found.add((same_path(media.GetClipProperty("File Path")), item.GetStart()))
    return found


def same_path(path):
    return os.path.normcase(os.path.abspath(path or ""))


def missing_clips(track, there, start_frame):
    return [
        clip
        for clip in track["clips"]
        if (same_path(clip["wav"]), start_frame + clip["record_frame"]) not in there
    ]


def older_takes(there, hand_back, folder, start_frame):
    """The end of a sentence, where takes of an earlier export sound beside those of this one."""
    wanted = {
        (same_path(clip["wav"]), start_frame + clip["record_frame"])
        for track in hand_back["tracks"]
        for clip in track["clips"]
    }
    ours = os.path.join(same_path(folder), "")
    count = sum(path.startswith(ours) for path, frame in there if (path, frame) not in wanted)
    if not count:
        return ""
    return "; %d older take%s of Foley still sound%s there, so delete those you do not want" % (
        count,
        "s" * (count != 1),
        "s" * (count == 1),
    )


def imported(pool, wavs):
    """The media pool's items of these files, those of an earlier time among them.

    Raises:
        Told: Resolve refused one.
    """
    before = pool.GetCurrentFolder()
    folder = foley_bin(pool)
    known = {same_path(item.GetClipProperty("File Path")): item for item in folder.GetClipList() or []}
    new = [wav for wav in wavs if same_path(wav) not in known]
    if new:
        pool.SetCurrentFolder(folder)
        try:
            for item in pool.ImportMedia(new) or []:
                known[same_path(item.GetClipProperty("File Path"))] = item
        finally:
            if before:
                pool.SetCurrentFolder(before)
    for wav in wavs:
        if same_path(wav) not in known:
            raise Told("Resolve would not import %s; look whether the file plays." % wav)
    return known


def foley_bin(pool):
    root = pool.GetRootFolder()
    for folder in root.GetSubFolderList() or []:
        if folder.GetName() == BIN_NAME:
            return folder
    return pool.AddSubFolder(root, BIN_NAME) or root


def lay_track(pool, timeline, track, clips, items, hand_back):
    """Add one named audio track and lay its takes; how far each is shifted, milliseconds.

    Raises:
        Told: Resolve refused; a track that stayed empty is taken away again.
    """
    audio_type = AUDIO_TYPES.get(track["num_channels"], "adaptive%d" % track["num_channels"])
    is_added = timeline.AddTrack("audio", {"audioType": audio_type})
    if not (is_added or timeline.AddTrack("audio", audio_type)):  # the second is how it was before Resolve 19
        raise Told("Resolve added no audio track; unlock the timeline and run this again.")
    index = timeline.GetTrackCount("audio")
    timeline.SetTrackName("audio", index, track["name"])
    rate, start_frame = Fraction(*hand_back["rate"]), timeline.GetStartFrame()
    infos, shifts_ms = [], []
    for clip, room in zip(clips, rooms(clips)):
        first, end, shift_ms = source_range(clip, rate, room)
        shifts_ms.append(shift_ms)
        infos.append(
            {
                "mediaPoolItem": items[same_path(clip["wav"])],
                "startFrame": first,
                "endFrame": end,
                "mediaType": AUDIO_ONLY,
                "trackIndex": index,
                "recordFrame": start_frame + clip["record_frame"],
            }
        )
    laid = [item for item in pool.AppendToTimeline(infos) or [] if item]
    if not laid:
        timeline.DeleteTrack("audio", index)
    if sorted(item.GetStart() for item in laid) != sorted(info["recordFrame"] for info in infos):
        raise Told(
            'Resolve laid %d of %d takes on "%s"; undo, then import %s by File > Import > Timeline.'
            % (len(laid), len(infos), track["name"], hand_back["timeline"])
        )
    return shifts_ms


def rooms(clips):
    """Frames that each clip may take before the next one starts; None after the last."""
    starts = [clip["record_frame"] for clip in clips]
    return [after - start for start, after in zip(starts, starts[1:])] + [None]


def source_range(clip, rate, room):
    """First and end frame in the WAV at 24 a second, and how much too early it is heard, milliseconds.

    The head is rounded to the nearest such frame. The length is the nearest that neither runs into the next
    clip nor past the file.
    """
    head = Fraction(clip["head_frames"]) / rate * WAV_RATE
    first = int(head + Fraction(1, 2))
    length = int(Fraction(clip["duration_frames"]) / rate * WAV_RATE + Fraction(1, 2))
    if room is not None:
        length = min(length, int(Fraction(room) / rate * WAV_RATE))
    length = max(1, min(length, int(Fraction(clip["wav_frames"]) / rate * WAV_RATE) - first))
    return first, first + length, float((first - head) / WAV_RATE * 1000)


def summary(timeline, tracks, shifts_ms, older):
    count = sum(len(clips) for _, clips in tracks)
    text = '%d take%s on %d new track%s of "%s"' % (
        count,
        "s" * (count != 1),
        len(tracks),
        "s" * (len(tracks) != 1),
        timeline.GetName(),
    )
    worst_ms = max(shifts_ms, key=abs)
    if abs(worst_ms) >= TELLING_SHIFT_MS:
        text += ", up to %.0f ms %s (Resolve counts sound files at %d frames a second; %s)" % (
            abs(worst_ms),
            "early" if worst_ms > 0 else "late",
            WAV_RATE,
            "Foley - Import as new timeline is exact",
        )
    if any(clip.get("gain_db") for _, clips in tracks for clip in clips):
        text += ", without their levels, which a script cannot set (Foley - Import as new timeline has them)"
    return text + older + "."


def import_timeline(resolve):
    """Import the timeline that Foley wrote; the sentence to tell."""
    project, timeline = current(resolve)
    path = newest_hand_back(project_folder(project), timeline)["timeline"]
    if not os.path.isfile(path):
        raise Told("The timeline %s is gone; export again in the Foley panel." % path)
    name = os.path.splitext(os.path.basename(path))[0]
    taken = {project.GetTimelineByIndex(n + 1).GetName() for n in range(project.GetTimelineCount())}
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = "%s %d" % (name, number)
    if not project.GetMediaPool().ImportTimelineFromFile(path, {"timelineName": unique}):
        raise Told(
            "Resolve refused %s; one missing file or offline title is enough for that, so relink first "
            "or use Foley - Bring back takes." % path
        )
    return 'Imported as "%s"; the timeline "%s" is as it was.' % (unique, timeline.GetName())


# Telling


ACTIONS = {"open": open_panel, "bring_back": bring_back, "import_timeline": import_timeline}


def show(path):
    """Open a small text file in the system's own viewer."""
    if os.name == "nt":
        os.startfile(path)
    else:
        viewer = "open" if sys.platform == "darwin" else "xdg-open"
        subprocess.Popen([viewer, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tell_of_trouble(sentence):
    """In the console, and as a file that opens: nobody looks at the console."""
    print("Foley: " + sentence)
    folder = HAND_OVER_FOLDER or os.path.expanduser("~")
    path = os.path.join(folder, MESSAGE_NAME)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(sentence + "\n")
        show(path)
    except OSError:
        pass  # the console has it


def connected():
    """Resolve's own object; how it is had differs between its versions.

    Raises:
        Told: scripts have no access.
    """
    found = globals().get("resolve")
    if found is None and globals().get("bmd") is not None:
        found = globals()["bmd"].scriptapp("Resolve")
    if found is None:
        raise Told(
            "Resolve gives this script no access; the free edition runs no Python since 21.1, "
            "so to have foley for a timeline " + BY_HAND + "."
        )
    return found


def run(action):
    """Do it and tell how it went; whether it went well."""
    try:
        print("Foley: " + ACTIONS[action](connected()))
        return True
    except Told as told:
        tell_of_trouble(str(told))
    except Exception as error:  # whatever Resolve does, the editor reads one sentence
        tell_of_trouble(
            "Something unexpected happened in Resolve (%s: %s); %s."
            % (type(error).__name__, error, "to have foley all the same " + BY_HAND)
        )
    return False


if __name__ == "__main__":
    run(ACTION)
