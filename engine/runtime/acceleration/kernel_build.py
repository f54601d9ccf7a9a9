"""Building the native kernels: C functions, compiled on this machine and compared with torch.

The source is `kernels.c`. The library is stored in the user's cache, in a folder that only the user
can access. Its file name has a hash of everything that affects the compiled code. If the library
can't be built, training uses torch only.
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

import torch

from engine.runtime.acceleration.operators import ENV_NAME, KERNELS, load
from engine.runtime.acceleration.self_test import differs

SOURCE = Path(__file__).with_name("kernels.c")
_MATH_FLAGS = ("-fno-math-errno", "-fno-trapping-math")
_FLAGS = ("-O3", "-march=native", "-std=gnu11", *_MATH_FLAGS, "-fopenmp", "-shared", "-fPIC")
_TIMEOUT_SECONDS = 60  # maximum running time of the compiler


@cache
def unavailable_reason() -> str:
    """Load the native kernels, compiled and tested on first use; return why not, or "".

    Why: torch has no LSTM that keeps its gates in registers, no fused convolution and max pooling
        whose backward pass visits only the argmax positions, and no optimizer update of single
        rows. Kernels are optional: without a compiler, torch computes the same results except
        for rounding.
    """
    if os.environ.get(ENV_NAME) == "0":
        return f"{ENV_NAME}=0"
    if (compiler := shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")) is None:
        return "no C compiler was found"
    try:
        file = _cache_folder() / f"kernels-{_build_hash(Path(compiler))}.so"
        if not file.exists():
            return _build(compiler, file)
        load(file)
    except (OSError, subprocess.SubprocessError, AttributeError) as error:
        return f"kernels can't be compiled or loaded: {type(error).__name__}"
    return ""


def _build(compiler: str, file: Path) -> str:
    """Compile, load and test the kernels, and save the library; return why the test failed."""
    handle, name = tempfile.mkstemp(suffix=".so", dir=file.parent)
    os.close(handle)
    command = [compiler, *_FLAGS, str(SOURCE), "-o", name, "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_SECONDS)
        load(Path(name))
        if kernel := differs():
            KERNELS.clear()
            return f"{kernel} differs from torch on this machine"
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)
    return ""


def _cache_folder() -> Path:
    """Return the folder of compiled kernels; raise PermissionError if other users can access it."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "layerloom" / "native"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    is_private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    if not is_private or status.st_uid != os.getuid():
        raise PermissionError(f"{folder} is accessible to other users")
    return folder


def _build_hash(compiler: Path) -> str:
    source, executable = SOURCE.read_text(encoding="utf-8"), compiler.resolve()
    version = str(executable), str(executable.stat().st_mtime_ns), torch.__version__
    parts = (source, *version, *_FLAGS, _processor_features())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _processor_features() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return torch.backends.cpu.get_cpu_capability()
    keys = ("model name", "flags", "Features", "CPU part")
    return "\n".join(sorted({line for line in lines if line.startswith(keys)}))
