"""Monitors a process while it reads a file: the file must not run code, load libraries or connect.

An audit hook receives every import, evaluation, process, socket, library and opened file. It cannot
be removed, so it needs its own process.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Any, get_args

from PIL import Image
from pydantic import BaseModel

from engine.core.schema import Schema
from engine.data.profile.statistics import FrozenModel
from engine.events import Event, OutputInfo
from engine.recipe.csv_dialect import TextEncoding
from engine.runtime.training.progress import TrainingProgress
from tests.engine.data.harmless import is_harmless

FORBIDDEN = (
    "exec", "compile", "import", "pickle.", "marshal.", "os.system", "os.exec", "os.posix_spawn",
    "os.spawn", "os.fork", "os.startfile", "subprocess.", "socket.connect", "socket.bind",
    "socket.getaddrinfo", "socket.__new__", "ctypes.", "urllib.", "ftplib.", "http.", "smtplib.",
    "webbrowser.", "shutil.unpack_archive", "code.__new__", "pty.spawn",
)  # fmt: skip
OWN = (
    "/proc/",
    "/sys/fs/cgroup/",
    "/dev/null",
    sys.prefix,
    sys.base_prefix,
    str(Path(__file__).parents[2]),
)
# pyarrow tries to import this optional package whenever it converts a list.
SOUGHT = ("dateutil", "dateutil.relativedelta")


class Watch:
    """Records forbidden actions between `arm` and `disarm`.

    Args:
        folder: where files may be opened, besides those of program and system.
    """

    def __init__(self, folder: Path) -> None:
        self._starts = (str(folder), *OWN)
        self._armed = False
        self.seen: dict[str, int] = {}
        sys.addaudithook(self._hear)

    def arm(self) -> None:
        """Start; everything that is loaded or built on first use must exist already."""
        self._armed = True

    def disarm(self) -> None:
        """Stop."""
        self._armed = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._armed:
            return
        bad = event.startswith(FORBIDDEN) and not is_harmless(event, arguments)
        bad = bad and not (event == "import" and arguments[0] in SOUGHT)
        if event == "open":
            bad = not isinstance(arguments[0], int) and not str(arguments[0]).startswith(
                self._starts
            )
        if bad:
            self._armed = False  # recording may cause events itself
            said = f"{event} {str(arguments)[:150]}"
            self.seen[said] = self.seen.get(said, 0) + 1
            self._armed = True


def load_codecs() -> None:
    """Load text encodings and image formats, which are imported on first use."""
    for name in get_args(TextEncoding):
        codecs.lookup(name)
    Image.init()


def build_schemas() -> None:
    """Build all schemas: pydantic evaluates annotations on their first use."""
    left: list[type[BaseModel]] = [Schema, Event, OutputInfo, FrozenModel]
    while left:
        cls = left.pop()
        cls.model_rebuild()
        left += cls.__subclasses__()
    TrainingProgress.from_dict({})
