"""The small native part: compiled once for this machine, checked, and left out where it can't be.

`kernels.c` is the whole of it. The library lies in the user's cache, in a folder that only its
owner can enter, under a name that says what it was made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

from engine.runtime.acceleration.kernel_bindings import OFF, Library, load
from engine.runtime.acceleration.self_test import differs

SOURCE = Path(__file__).with_name("kernels.c")
_FLAGS = (
    "-O3", "-march=native", "-std=gnu11", "-fno-math-errno", "-fno-trapping-math", "-fopenmp",
    "-shared", "-fPIC",
)  # fmt: skip
_SECONDS = 60  # that a compiler may take


class Native(NamedTuple):
    """The library, or why there is none.

    Args:
        library: None if there is none.
        why: "" if there is one, else the reason in a few words.
    """

    library: Library | None
    why: str = ""


@cache
def native() -> Native:
    """Return the native part, compiled and checked the first time.

    Why: torch has no LSTM that keeps its gates in registers, no pooling whose backward pass leaves
        out what lost, and no step on some rows of a table. They are optional: without a compiler
        training takes the way of torch alone, to the same numbers but for rounding.
    """
    if os.environ.get(OFF) == "0":
        return Native(None, f"{OFF}=0")
    if (compiler := shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")) is None:
        return Native(None, "no C compiler was found")
    try:
        file = _folder() / f"kernels-{_mark(Path(compiler))}.so"
        return Native(load(file)) if file.exists() else _built(compiler, file)
    except (OSError, subprocess.SubprocessError, AttributeError) as error:
        return Native(None, f"it can't be compiled or loaded: {type(error).__name__}")


def _built(compiler: str, file: Path) -> Native:
    """Compile the kernels, and keep them in a file if they do here what torch does."""
    handle, name = tempfile.mkstemp(suffix=".so", dir=file.parent)
    os.close(handle)
    command = [compiler, *_FLAGS, str(SOURCE), "-o", name, "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        library = load(Path(name))
        if wrong := differs(library):
            return Native(None, f"{wrong} differs from torch here")
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)
    return Native(library)


def _folder() -> Path:
    """Return the folder of compiled files.

    Raises:
        PermissionError: another person can put files there, and code would come from them.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "layerloom" / "native"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is open to others")
    return folder


def _mark(compiler: Path) -> str:
    """Return what tells libraries apart: source, compiler, flags, torch, and the processor."""
    made = compiler.resolve()
    parts = (
        SOURCE.read_text(encoding="utf-8"), str(made), str(made.stat().st_mtime_ns), *_FLAGS,
        torch.__version__, _processor(),
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return torch.backends.cpu.get_cpu_capability()
    told = ("model name", "flags", "Features", "CPU part")
    return "\n".join(sorted({line for line in lines if line.startswith(told)}))
