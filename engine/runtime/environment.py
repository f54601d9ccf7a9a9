"""The environment that run.json records: versions of packages, instruction set of the CPU."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy
import torch

from engine.core.diagnostic import Diagnostic


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that affect a run's results, by package name."""
    try:
        engine_version = version("layerloom")
    except PackageNotFoundError:  # run from a checkout that was never installed
        engine_version = "unknown"
    return {
        "engine": engine_version,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def cpu_capability() -> str:
    """Return the CPU instruction set that torch uses, which affects rounding."""
    return torch.backends.cpu.get_cpu_capability()


def environment_warnings(
    record: Mapping[str, Any], device: torch.device, native: bool = False, processes: int = 1
) -> list[Diagnostic]:
    """Return diagnostics about what a resumed run computes differently than an uninterrupted one.

    Args:
        record: content of run.json, with the environment of the first attempt, and the number of
            "processes" of the last attempt.
        device: device of the current attempt.
        native: whether the current attempt uses compiled kernels.
        processes: number of processes of the current attempt.
    """
    used = {True: "used", False: "not used"}
    now = {**package_versions(), "processor": cpu_capability(), "device": str(device)}
    then = {**record["versions"], "processor": record["cpu"], "device": record["device"]}
    now["kernels"], then["kernels"] = used[native], used[bool(record.get("native"))]
    now["processes"], then["processes"] = str(processes), str(record.get("processes", processes))
    changed = [name for name in now if now[name] != then.get(name)]
    if not changed:
        return []
    found = [
        Diagnostic.warning(
            "not-bit-identical",
            "the environment has changed, so results may differ in the last digits from an "
            "uninterrupted run",
            "Nothing, unless you compare runs digit by digit.",
            found=", ".join(f"{name} {now[name]}" for name in changed),
            expected=", ".join(f"{name} {then.get(name, 'unknown')}" for name in changed),
        )
    ]
    if record.get("stream") and "processes" in changed:
        found.append(
            Diagnostic.warning(
                "data-streamed",
                "the order of streamed rows depends on the number of processes, so in this epoch "
                "some rows may be used twice and others not at all",
                found=f"processes {now['processes']}",
                expected=f"processes {then['processes']}",
            )
        )
    return found
