"""The rules of the house, one sentence a test: read from the source, and from what fresh processes load.

The same layers stand as contracts in pyproject.toml (`lint-imports`), which also follow indirect imports.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PANEL_LAYERS = ("ui", "qtmodels", "services", "jobs", "takes", "timeline", "nle")
"""Upper first; each may import those after it."""

ENGINE_LAYERS = (
    ("worker", "cli"),
    ("cluster",),
    ("serving",),
    ("orders", "guide"),
    ("intake",),
    ("training", "evaluation"),
    ("opening",),
    ("pipeline",),
    ("drafting",),
    ("sounding", "batching"),
    ("lm", "visual", "codec"),
    ("checkpoints",),
    ("prints",),
    ("media",),
    ("config", "errors", "protocol"),
)

SPEECH = {"encode", "decode_request", "decode_event", "LineBuffer", "Cancel", "Ping", "Shutdown"}
"""What only a party to the conversation with the engine needs."""

HEAVY = ("torch", "torchaudio", "torchvision", "encodec", "open_clip")
ONE_SYSTEM_ONLY = {"fcntl", "grp", "pwd", "resource", "termios", "pty", "winreg", "msvcrt"}
ONE_SYSTEM_CALLS = {"fork", "forkpty", "killpg", "setsid", "mkfifo", "SIGKILL", "SIGALRM", "SIGUSR1", "alarm"}


@cache
def sources(package: str) -> dict[str, ast.Module]:
    """Dotted module names and their parsed source."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def imports_of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every imported module, wherever the import stands, and the name taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def edges(package: str) -> Iterator[tuple[str, str, str]]:
    """(importing module, imported module, imported name)."""
    for module, tree in sources(package).items():
        yield from ((module, imported, name) for imported, name in imports_of(tree))


def layer_of(module: str) -> str:
    """ "timeline" of foley_plugin.timeline.read; "" of the package itself."""
    return [*module.split("."), ""][1]


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def offenders(rows: Iterator[tuple[str, str, str]], *forbidden: str) -> list[str]:
    return [f"{module} imports {imported}" for module, imported, _ in rows if within(imported, *forbidden)]


def test_the_panels_layers_import_downward_only() -> None:
    wrong = []
    for module, imported, _ in edges("foley_plugin"):
        here, there = layer_of(module), layer_of(imported)
        if within(imported, "foley_plugin") and here in PANEL_LAYERS:
            is_downward = there in PANEL_LAYERS and PANEL_LAYERS.index(here) <= PANEL_LAYERS.index(there)
            wrong += [] if is_downward else [f"{module} imports {imported}"]
    assert wrong == []


def test_the_engines_layers_import_downward_only() -> None:
    level = {name: number for number, names in enumerate(ENGINE_LAYERS) for name in names}
    wrong = []
    for module, imported, name in edges("engine"):
        if not within(imported, "engine"):
            continue
        here, there = layer_of(module), layer_of(imported) or (name if name in level else "")
        if here and there and here != there:
            is_peer = {here, there} == {"training", "evaluation"}
            wrong += [] if is_peer or level[here] < level[there] else [f"{module} imports {imported}"]
    assert wrong == []


def test_every_module_has_a_layer() -> None:
    panel = {layer_of(module) for module in sources("foley_plugin")}
    panel = {layer for layer in panel if not layer.startswith("cli_")}
    assert panel - set(PANEL_LAYERS) == {"", "__main__", "app", "cli", "otio_hook", "panel_speed"}
    engine = {layer_of(module) for module in sources("engine")}
    assert engine - {name for names in ENGINE_LAYERS for name in names} <= {"", "__main__"}


def test_the_panel_imports_no_torch() -> None:
    assert offenders(edges("foley_plugin"), *HEAVY) == []


def test_the_engine_imports_no_qt_no_opentimelineio_and_no_panel() -> None:
    assert offenders(edges("engine"), "PyQt6", "opentimelineio", "foley_plugin") == []


def test_the_panel_knows_of_the_engine_only_its_protocol_and_its_errors() -> None:
    doors = ("engine.protocol", "engine.errors")
    wrong = [
        f"{module} imports {imported}"
        for module, imported, _ in edges("foley_plugin")
        if within(imported, "engine") and imported not in doors
    ]
    assert wrong == []


def test_only_services_and_jobs_speak_the_protocol() -> None:
    """Below them its plain records may be kept; above them not even those."""
    wrong = []
    for module, imported, name in edges("foley_plugin"):
        layer = layer_of(module)
        if imported == "engine.protocol" and layer not in ("services", "jobs"):
            holds_records = layer in ("takes", "timeline", "cli_conform", "cli_output") and name not in SPEECH
            wrong += [] if holds_records else [f"{module} imports {name}"]
    assert wrong == []


def test_only_the_two_upper_layers_import_qt() -> None:
    upper = ("foley_plugin.ui", "foley_plugin.qtmodels", "foley_plugin.app", "foley_plugin.panel_speed")
    assert offenders((row for row in edges("foley_plugin") if not within(row[0], *upper)), "PyQt6") == []


def test_opentimelineio_and_the_decoder_are_imported_in_one_place_each() -> None:
    """Both run only in the timeline child, which may be killed, and in OpenTimelineIO's own programs."""
    places = {(module, imported) for module, imported, _ in edges("foley_plugin")}
    assert {module for module, imported in places if within(imported, "opentimelineio")} == {
        "foley_plugin.otio_hook.foley_hook",
        "foley_plugin.timeline.formats.adapters",
        "foley_plugin.timeline.read",
    }
    assert {module for module, imported in places if within(imported, "av")} == {
        "foley_plugin.timeline.probe"
    }


def test_editing_programs_know_nothing_of_each_other() -> None:
    shared = {f"foley_plugin.nle.{name}" for name in ("target", "sequence", "xml_text")}
    names = {*shared, "foley_plugin.nle.targets"}
    wrong = [
        f"{module} imports {imported}"
        for module, imported, _ in edges("foley_plugin")
        if layer_of(module) == "nle" and module not in names
        if within(imported, "foley_plugin") and imported not in shared
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["engine", "foley_plugin"])
def test_nothing_at_module_level_needs_one_operating_system(package: str) -> None:
    wrong = []
    for module, tree in sources(package).items():
        top_level = ast.Module(
            [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []
        )
        wrong += [f"{module} imports {name}" for name, _ in imports_of(top_level) if name in ONE_SYSTEM_ONLY]
        used = (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        wrong += [f"{module} uses {attribute}" for attribute in used if attribute in ONE_SYSTEM_CALLS]
    assert wrong == []


@pytest.mark.parametrize("package", ["engine", "foley_plugin"])
def test_no_module_is_called_by_what_it_is_not_about(package: str) -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [module for module in sources(package) if vague & set(module.split("."))] == []


def loaded_after(program: str) -> set[str]:
    """The modules that a fresh interpreter holds after running a program."""
    told = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, timeout=170, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def programs_imports(*modules: str) -> str:
    return "\n".join(f"import {module}" for module in modules)


def test_a_fresh_panel_loads_no_torch_no_opentimelineio_and_no_pipeline() -> None:
    pytest.importorskip("PyQt6.QtWidgets", reason="Qt's system libraries are missing")
    upper = [module for module in sources("foley_plugin") if layer_of(module) in PANEL_LAYERS[:5]]
    program = programs_imports(
        "foley_plugin.app", *upper, "foley_plugin.timeline.client", "foley_plugin.timeline.selection"
    )
    loaded = loaded_after(program)
    assert "foley_plugin.app" in loaded and "PyQt6.QtWidgets" in loaded
    assert loaded & {*HEAVY, "opentimelineio", "av", "engine.pipeline", "engine.media", "engine.lm"} == set()


def test_a_fresh_command_line_loads_neither_qt_nor_torch() -> None:
    loaded = loaded_after("import foley_plugin.cli")
    assert loaded & {*HEAVY, "PyQt6", "opentimelineio", "av", "engine.pipeline"} == set()


def test_a_fresh_engine_loads_no_qt_and_no_opentimelineio() -> None:
    loaded = loaded_after("import engine.pipeline, engine.worker")
    assert "torch" in loaded
    assert {name.partition(".")[0] for name in loaded} & {"PyQt6", "opentimelineio", "foley_plugin"} == set()


def test_the_protocol_the_errors_and_the_media_load_no_torch() -> None:
    modules = [module for module in sources("engine") if layer_of(module) in ("media", "protocol", "errors")]
    assert len(modules) > 3
    assert loaded_after(programs_imports(*modules)) & set(HEAVY) == set()


def test_a_fresh_timeline_child_loads_neither_torch_nor_qt() -> None:
    loaded = loaded_after("import foley_plugin.timeline.child, foley_plugin.timeline.read")
    assert "opentimelineio" in loaded
    assert loaded & {*HEAVY, "PyQt6"} == set()
