"""The hosts in the user's configuration of ssh."""

from __future__ import annotations

from contextlib import suppress
from glob import glob
from pathlib import Path

_MAX_DEPTH = 8  # of files that include one another


def configured_hosts(config: Path, depth: int = 0) -> list[str]:
    """Return the names of the hosts in a configuration file of ssh, without patterns such as `*`.

    Why: the names are offered to the user. What they mean is left to ssh. `depth` is the number of
        files that include this file.
    """
    hosts: list[str] = []
    with suppress(OSError):
        for line in config.read_text(encoding="utf-8", errors="replace").splitlines():
            keyword, *words = line.replace("=", " ", 1).replace('"', " ").split() or [""]
            if keyword.lower() == "host":
                hosts += [word for word in words if not set(word) & set("*?!")]
            elif keyword.lower() == "include" and depth < _MAX_DEPTH:
                for pattern in words:
                    for path in sorted(glob(str(config.parent / Path(pattern).expanduser()))):
                        hosts += configured_hosts(Path(path), depth + 1)
    return list(dict.fromkeys(hosts))
