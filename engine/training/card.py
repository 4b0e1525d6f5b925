"""The model card: figures as they were measured, and everyone whose recordings the model has heard."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from engine.checkpoints import ModelFolder, read_model_folder
from engine.codec.sines_and_noise import HIGH_HZ
from engine.config import CodecConfig
from engine.errors import CheckpointCorrupt
from engine.evaluation.quality.fragment import as_markdown
from engine.evaluation.quality.report import read_quality
from engine.evaluation.spotting import SpottingFigures
from engine.evaluation.spotting import as_table as spotting_table
from engine.evaluation.sync import SyncReport
from engine.evaluation.sync import as_table as sync_table
from engine.training.recordings import Recording, RecordingLibrary

CARD_FILE = "MODEL_CARD.md"

LICENCE = """The weights are given under CC BY 4.0, for paid work too. Keep the credits below with the weights;
sounds that you make with them need none."""

LIMITS_OF_SEANET = """- The codec is small: tones ring a little rough, noise is a little dull, and attacks are
  smeared by some milliseconds."""
LIMITS_OF_BANDS = """- The codec keeps sines and noise in bands, and no phases: tones that lie close together become
  one, what depends on phases is lost, and attacks are smeared by some milliseconds."""
LIMITS = """- It knows the labels below and no text.
- Labels with fewer than four recordings were trained on and are not tested.
- The spotter has seen rendered scenes only. Fast motion at 15 frames a second, hidden contact, several
  sources at once, things set down gently and steps of people who walk are where it fails: set such hits by hand.
- Nothing was rated by listeners."""


def write_card(
    folder: Path,
    library: RecordingLibrary,
    *,
    sync: Path,
    spotter: Path,
    training: Path,
    quality: Path | None = None,
) -> None:
    """Write `MODEL_CARD.md` into a model folder.

    Args:
        sync, spotter: what `foley evaluate sync` and `foley evaluate spotter` wrote as JSON.
        training: a text on how, on what machine and how long it was trained.
        quality: what `foley evaluate default` wrote as JSON.

    Raises:
        FoleyError: `quality` is no such file.
        CheckpointCorrupt: it was measured on other weights.
    """
    record = read_model_folder(folder)
    sync_report = msgspec.json.decode(sync.read_bytes(), type=SyncReport)
    spotting = msgspec.json.decode(spotter.read_bytes(), type=SpottingFigures)
    held_out = library.of_split("held_out")
    sections = [
        f"# {record.model.name}",
        "The default model of foley: sound effects for picture, from a label, hits and an intensity curve.",
        f"sha256 of all parts: `{record.sha256}`",
        *_beside(folder),
        f"## Licence\n\n{LICENCE}",
        f"## Training\n\n{training.read_text(encoding='utf-8').strip()}",
        "## Data\n\n"
        f"{len(library.recordings)} recordings, {len(library.labels)} labels; {len(held_out)} recordings in "
        f"{len(library.tested_labels)} labels were held out, whole, by recording. Scenes are rendered by the project; "
        "train, validation and test scenes are drawn from seeds of their own.",
        f"## Figures\n\n```\n{sync_table(sync_report)}\n\n{spotting_table(spotting)}\n```\n\n"
        "Beside each figure: the same for sounds shuffled against other scenes, and for random moments of the same "
        "count. The baseline picks peaks of the plain frame difference. The films' truth is the onsets of their own "
        "sound, measured by the same detector.",
        *_quality_sections(quality, record),
        f"## Limits\n\n{_limits(record.model.codec)}",
        f"## Labels\n\nTested: {', '.join(library.tested_labels)}.\n\n"
        f"Untested: {', '.join(sorted(set(library.labels) - set(library.tested_labels)))}.",
        "## Recordings\n\n" + "\n".join(_credits(library.recordings)),
    ]
    (folder / CARD_FILE).write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _beside(folder: Path) -> list[str]:
    """What lies in the folder to hear and see, where it does."""
    told = {
        "takes.html": "takes to hear, in one page",
        "sheet.png": "spectrograms of takes beside recordings that were held out",
    }
    lines = [f"- [{name}]({name}): {what}" for name, what in told.items() if (folder / name).is_file()]
    return ["\n".join(lines)] if lines else []


def _limits(codec: CodecConfig) -> str:
    highest_hz = codec.sample_rate / 2 if codec.bands is None else min(HIGH_HZ, codec.sample_rate / 2)
    return "\n".join(
        [
            f"- Sound is {codec.sample_rate / 1000:g} kHz inside and holds nothing above {highest_hz / 1000:g} kHz.",
            LIMITS_OF_SEANET if codec.bands is None else LIMITS_OF_BANDS,
            LIMITS,
        ]
    )


def _quality_sections(quality: Path | None, record: ModelFolder) -> list[str]:
    if quality is None:
        return []
    report = read_quality(quality)
    if report.model_sha256 != record.sha256:
        raise CheckpointCorrupt(
            f"The figures in {quality} are of other weights: run `foley evaluate default`."
        )
    return [f"## Quality\n\n{as_markdown(report).strip()}"]


def _credits(recordings: list[Recording]) -> list[str]:
    """One line an author, CC-BY first."""
    counts = Counter((r.licence, r.author, r.licence_text, r.source) for r in recordings)
    ordered = sorted(counts.items(), key=lambda item: (item[0][0] != "cc-by", item[0][1].lower(), item[0]))
    return [
        f"- {author}: {count} ({text}), by way of {source}" for (_, author, text, source), count in ordered
    ]
