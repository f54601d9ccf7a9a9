"""Watches what a process does while it reads a file: nothing may run, load or connect for it.

An audit hook hears of every import, evaluation, process, socket, library and opened file. It can't
be taken away again, so it belongs into a process of its own.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from engine.core.schema import Schema
from engine.data.profile.statistics import FrozenModel
from engine.events import Event, OutputInfo
from engine.recipe.csv_dialect import TextEncoding
from engine.runtime.training.progress import TrainingProgress

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
# pyarrow looks for this package, which may be absent, whenever it makes an array of a list.
SOUGHT = ("dateutil", "dateutil.relativedelta")


class Watch:
    """Takes down what must not happen, from `arm` on.

    Args:
        folder: where files may be opened, besides those of the program and of the system itself.
    """

    def __init__(self, folder: Path) -> None:
        self._starts = (str(folder), *OWN)
        self._armed = False
        self.seen: dict[str, int] = {}
        sys.addaudithook(self._hear)

    def arm(self) -> None:
        """Begin; everything that is loaded or built on first use is there by now."""
        self._armed = True

    def disarm(self) -> None:
        """End."""
        self._armed = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._armed:
            return
        bad = event.startswith(FORBIDDEN) and not (event == "import" and arguments[0] in SOUGHT)
        if event == "open":
            bad = not isinstance(arguments[0], int) and not str(arguments[0]).startswith(
                self._starts
            )
        if bad:
            self._armed = False  # taking it down may do things itself
            said = f"{event} {str(arguments)[:150]}"
            self.seen[said] = self.seen.get(said, 0) + 1
            self._armed = True


def load_codecs() -> None:
    """Load how text may be written; Python imports that when such text is read first."""
    for name in get_args(TextEncoding):
        codecs.lookup(name)


def build_schemas() -> None:
    """Build all that is built on its first use: pydantic evaluates annotations for that."""
    left: list[type[BaseModel]] = [Schema, Event, OutputInfo, FrozenModel]
    while left:
        cls = left.pop()
        cls.model_rebuild()
        left += cls.__subclasses__()
    TrainingProgress.from_dict(TrainingProgress().to_dict())
