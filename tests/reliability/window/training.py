"""A window that trains until it is killed; test_training.py starts it.

Arguments: graph file, data. It prints "trains RUN" once its run has started.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from app.shell.application import build_application


def main() -> None:
    """Open a file, start training, and keep running."""
    application, window = build_application([Path(sys.argv[1])], Path(sys.argv[2]))
    window.show()
    panel = window.panels.training
    told: list[Path] = []

    def tell() -> None:
        run = panel.run_process.run
        if run is not None and panel.state == "running" and not told:
            told.append(run)
            os.write(1, f"trains {run}\n".encode())

    panel.run_process.events.connect(lambda _: tell())
    QTimer.singleShot(0, panel.train)
    sys.exit(application.exec())


main()
