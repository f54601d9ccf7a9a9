"""The environment that run.json records: versions of packages, instruction set of the CPU."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy
import torch

from engine.core.diagnostic import Diagnostic, Fix


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
    record: Mapping[str, Any], device: torch.device, native: bool = False
) -> list[Diagnostic]:
    """Return one warning if a resumed run may round differently than its first attempt, else [].

    Args:
        record: content of run.json, with the environment of the first attempt.
        device: device of the current attempt.
        native: whether the current attempt uses compiled kernels.
    """
    used = {True: "used", False: "not used"}
    now = {**package_versions(), "processor": cpu_capability(), "device": str(device)}
    then = {**record["versions"], "processor": record["cpu"], "device": record["device"]}
    now["kernels"], then["kernels"] = used[native], used[bool(record.get("native"))]
    changed = [name for name in now if now[name] != then.get(name)]
    if not changed:
        return []
    return [
        Diagnostic(
            "not-bit-identical",
            "the environment has changed, so results may differ in the last digits from an "
            "uninterrupted run",
            severity="warning",
            found=", ".join(f"{name} {now[name]}" for name in changed),
            expected=", ".join(f"{name} {then.get(name, 'unknown')}" for name in changed),
            fixes=(Fix("Nothing, unless you compare runs digit by digit."),),
        )
    ]
