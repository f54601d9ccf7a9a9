"""The hosts in the user's configuration of ssh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MAX_DEPTH = 8  # of files that include one another


def configured_hosts(config: Path) -> list[str]:
    """Return the names of the hosts in a configuration file of ssh, without patterns such as `*`.

    Why: the names are offered to the user. What they mean is left to ssh.
    """
    return list(dict.fromkeys(_hosts(config, config.parent, 0)))


def _hosts(config: Path, folder: Path, depth: int) -> Iterator[str]:
    lines: list[str] = []
    with suppress(OSError):
        lines = config.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        keyword, *words = line.replace("=", " ", 1).replace('"', " ").split() or [""]
        if keyword.lower() == "host":
            yield from (word for word in words if not set(word) & set("*?!"))
        elif keyword.lower() == "include" and depth < _MAX_DEPTH:
            for pattern in words:
                path = Path(pattern).expanduser()
                base = Path(path.anchor or folder)
                for included in sorted(base.glob(str(path.relative_to(path.anchor)))):
                    yield from _hosts(included, folder, depth + 1)
