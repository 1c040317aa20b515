"""Loads a scenario by name or from a file, and applies the patch of one that builds on another."""

import copy
import importlib
import json
from pathlib import Path

from .vocabulary import strangers

FOLDER = Path(__file__).parent / "scenarios"


class ScenarioError(Exception):
    """A scenario cannot be used as it is written."""


def load(name_or_file: str) -> dict:
    """The scenario of that name (`scenarios/NAME.json` or `scenarios/NAME.py`), or the one in that JSON file."""
    path = Path(name_or_file)
    if path.suffix == ".json":
        return build(json.loads(path.read_text()), path.stem)
    if (FOLDER / f"{name_or_file}.json").exists():
        return build(json.loads((FOLDER / f"{name_or_file}.json").read_text()), name_or_file)
    # A scenario of any size says its size last: `fleet-12`.
    stem, _, size = name_or_file.rpartition("-")
    if size.isdigit() and (FOLDER / f"{stem}.py").exists() and not stem.startswith("_"):
        return build(_sized(stem, int(size)), name_or_file)
    module = name_or_file.replace("-", "_")
    if (FOLDER / f"{module}.py").exists() and not module.startswith("_"):
        return build(importlib.import_module(f"emulator.scenarios.{module}").scenario(), name_or_file)
    raise ScenarioError(f"no scenario {name_or_file!r}; there are {', '.join(names())}")


def _sized(stem: str, size: int) -> dict:
    module = importlib.import_module(f"emulator.scenarios.{stem}")
    if size < module.SMALLEST:
        raise ScenarioError(f"the scenario {stem} has {module.SMALLEST} accounts or more")
    return module.scenario(size)


def names() -> list[str]:
    """The scenarios that can be loaded by name."""
    found = {path.stem for path in FOLDER.glob("*.json")}
    for path in FOLDER.glob("[a-z]*.py"):
        # Of a scenario of any size, the smallest.
        size = getattr(importlib.import_module(f"emulator.scenarios.{path.stem}"), "SMALLEST", None)
        name = path.stem.replace("_", "-")
        found.add(name if size is None else f"{name}-{size}")
    return sorted(found)


def merge(target, patch):
    """RFC 7396 (JSON Merge Patch): objects merge, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def build(scenario: dict, name: str) -> dict:
    """A whole scenario from what a file says: the patch of its base applied, its words checked."""
    if "base" in scenario:
        scenario = merge(load(scenario["base"]), {**scenario.get("patch", {}), "name": name})
    scenario = copy.deepcopy(scenario)
    scenario.setdefault("name", name)
    for key in ("now", "caller", "accounts"):
        if key not in scenario:
            raise ScenarioError(f"scenario {name!r} lacks {key!r}")
    unheard = strangers(scenario)
    if unheard:
        raise ScenarioError(f"scenario {name!r}: {'; '.join(unheard)}")
    return scenario
