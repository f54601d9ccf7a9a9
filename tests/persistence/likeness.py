"""What two versions of the program said, held against each other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# What changes from one run to the next, and from one machine to another.
CHANGING = frozenset({
    "time", "mono", "seconds", "started", "updated", "modified", "pid", "versions", "cpu", "memory",
    "device_memory", "rows_a_second", "run_id", "id", "bytes", "native", "native_why", "version",
    "began", "ended",
})  # fmt: skip
# Texts for people, which may be worded in another way.
WORDS = frozenset({
    "message", "found", "expected", "fix", "text", "help", "title", "meaning", "example", "reason",
    "description", "about", "does", "notes", "changed",
    "hint", "unlike", "split in words",
})  # fmt: skip

# A newer program, or another machine, goes on with the run; it warns of filled cells, and judges
# scores at the end.
NEW_WARNINGS = (
    "not-bit-identical", "cells-filled", "baseline-not-beaten", "class-never-predicted",
    "overfitting",
)  # fmt: skip

# How far apart, as a share, a training with batch normalization ends on another kind of processor,
# which rounds sums in another order. The gradient of a bias before the normalization is nothing but
# rounding noise, and Adam moves it by the learning rate.
OTHER_PROCESSOR = 1e-3


def lasting(value: Any, place: Path | str = "\0", key: str = "") -> Any:
    """Return JSON without what changes from run to run, and without texts for people."""
    if key in CHANGING:
        return f"<{key}>"
    if isinstance(value, Mapping):
        return {name: lasting(part, place, name) for name, part in value.items()}
    if isinstance(value, list):
        parts = [lasting(part, place, key) for part in value]
        # How many notes there are is not compared, either.
        return parts[:1] if key == "notes" and set(map(str, parts)) == {"<words>"} else parts
    if isinstance(value, str):
        return "<words>" if key in WORDS and value else value.replace(str(place), "<place>")
    return value


def differences(old: Any, new: Any, at: str = "", near: float = 1e-5) -> Iterator[str]:
    """Yield where two JSON values differ; floats may differ by a share of `near`."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from (f"{at}/{key}: is gone" for key in old.keys() - new.keys())
        yield from (f"{at}/{key}: is new" for key in new.keys() - old.keys())
        for key in old.keys() & new.keys():
            yield from differences(old[key], new[key], f"{at}/{key}", near)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{at}: {len(old)} entries became {len(new)}"
        for place, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, f"{at}/{place}", near)
    elif isinstance(old, float) and isinstance(new, float):
        if not (math.isclose(old, new, rel_tol=near, abs_tol=near) or old != old and new != new):
            yield f"{at}: {old} became {new}"
    elif type(old) is not type(new) or old != new:
        yield f"{at}: {old!r:.120} became {new!r:.120}"


def known(new: Any, old: Any) -> Any:
    """Return JSON with only those keys, choices and codes of diagnostics that `old` has.

    A list of lists, such as the options of a command, is reduced to those that begin as in `old`.
    """
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: _known_part(key, part, old[key]) for key, part in new.items() if key in old}
    if not isinstance(new, list) or not isinstance(old, list):
        return new
    if all(isinstance(x, list) for x in old):
        first = {str(each[:1]): each for each in old}
        options = [each for each in new if not isinstance(each, list) or str(each[:1]) in first]
        return [_with_known_choices(each, first.get(str(each[:1]))) for each in options]
    return [known(*pair) for pair in zip(new, old, strict=True)] if len(new) == len(old) else new


def _with_known_choices(new: Any, old: Any) -> Any:
    """Return an option, whose type is its choices, without the choices that came later."""
    if not isinstance(old, list) or not all(
        len(x) > 1 and isinstance(x[1], str) for x in (old, new)
    ):
        return new
    choices = [word for word in new[1].split() if word in old[1].split()]
    return [new[0], " ".join(choices), *new[2:]]


def _known_part(key: str, new: Any, old: Any) -> Any:
    if key == "enum":
        new = [choice for choice in new if choice in old]
    if key in ("diagnostics", "notes", "events") and isinstance(old, list):
        codes = set(map(_code, old))
        new = [each for each in new if _code(each) in codes]
    return known(new, old)


def _code(item: Any) -> str | None:
    """Return the code of a diagnostic, or of an event that reports one; else None."""
    return item.get("diagnostic", item).get("code") if isinstance(item, dict) else None


def assert_same(old: Any, new: Any, near: float = 1e-5) -> None:
    """Assert that two JSON values are the same, but for the last digits of floats."""
    found = sorted(differences(old, new, near=near))
    assert not found, "\n".join(found[:40])


def told_by(run: Path, attempt: int) -> dict[str, Any]:
    """Return what a run said in an attempt: what each step was worth, and all other events."""
    curves: dict[str, list[Any]] = {}
    events = []
    for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["attempt"] != attempt or event["kind"] == "heartbeat":
            continue
        if event["kind"] == "warned" and event["diagnostic"]["code"] in NEW_WARNINGS:
            continue
        if event["kind"] != "steps-done":
            # Steps are told several at once, as they come, so lines are not counted alike.
            events.append({**lasting(event, run.parents[1]), "seq": 0})
            continue
        parts = {"loss": event["loss"], "learning_rate": event["learning_rate"],
                 "grad_norm": event["grad_norm"]}  # fmt: skip
        for group in ("losses", "penalties", "weights"):
            parts |= {f"{group}/{name}": values for name, values in event[group].items()}
        for name, values in parts.items():
            curves.setdefault(name, []).extend(values)
    return {"curves": curves, "events": events}
