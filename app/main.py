"""Where the window starts: `layerloom [FILE...]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_USAGE = """Usage: layerloom [FILE...]

Opens the editor, with these graph files if any are named.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed.

    Returns:
        The exit code: 0, or 2 if the command line makes no sense.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if any(argument in ("-h", "--help") for argument in arguments):
        sys.stdout.write(_USAGE)
        return 0
    unknown = next((argument for argument in arguments if argument.startswith("-")), None)
    if unknown is not None:
        sys.stderr.write(f"layerloom: there is no option {unknown}\n\n{_USAGE}")
        return 2
    if not _has_display():
        sys.stderr.write(
            "layerloom: there is no display to open a window on (neither DISPLAY nor "
            "WAYLAND_DISPLAY is set).\nThe same files train in a terminal: engine train FILE "
            "--data DATA\n"
        )
        return 2
    return _run([Path(argument).absolute() for argument in arguments])


def _has_display() -> bool:
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return named or bool(os.environ.get("QT_QPA_PLATFORM")) or sys.platform in ("win32", "darwin")


def _run(paths: Sequence[Path]) -> int:
    # Qt loads here and not above, so that `--help` and a missing display cost nothing.
    from app.start import build, qt_is_sound

    if not qt_is_sound():
        return 2
    application, window = build(paths)
    window.show()
    return int(application.exec())
