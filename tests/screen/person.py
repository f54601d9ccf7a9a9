"""A person at the window: pointer and keys of a real X display, and eyes on what it shows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Seen = dict[str, Any]
At = Sequence[float]

ROOT = Path(__file__).parents[2]
_PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "openbox": "openbox"}
_STEPS, _PACE = 8, 0.012  # of a drag: moves, and seconds between two
_LOOK = 0.03  # seconds between two looks at what is seen

# Alt and the mouse, and Ctrl+Alt with arrows, are the window manager's in many places. Here all
# keys and drags are left to the program, and a click gives the focus.
_OPENBOX = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <desktops><number>1</number></desktops>
  <applications>
    <application type="normal"><decor>%s</decor></application>
  </applications>
  <keyboard/>
  <mouse>
    <context name="Client"><mousebind button="Left" action="Press">
      <action name="Focus"/><action name="Raise"/></mousebind></context>
  </mouse>
</openbox_config>
"""


class Person:
    """Sits at a display of their own until `leave`.

    Args:
        folder: home, settings and pictures of this person.
        files, data: what the window is started with.
        theme: dark or light.
        screen: pixels.
        scale: of the screen.
        framed: the window has a title bar.
        pictures: where numbered pictures go.
    """

    def __init__(
        self,
        folder: Path,
        files: Sequence[Path] = (),
        data: Path | None = None,
        theme: str = "dark",
        screen: tuple[int, int] = (1600, 1000),
        scale: float = 1,
        framed: bool = True,
        pictures: Path | None = None,
    ) -> None:
        _require_programs()
        self.folder = folder
        self.pictures = pictures or folder / "pictures"
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self._acted = 0.0
        self._count = 0
        self._running: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "window.log").open("wb")
        try:
            self._start(screen, scale, theme, framed, files, data)
        except BaseException:
            self.leave()
            raise

    def _start(
        self,
        screen: tuple[int, int],
        scale: float,
        theme: str,
        framed: bool,
        files: Sequence[Path],
        data: Path | None,
    ) -> None:
        self._surroundings = self._environment(scale)
        self._surroundings["DISPLAY"] = f":{self._show_screen(screen)}"
        config = self.folder / "openbox.xml"
        config.write_text(_OPENBOX % ("yes" if framed else "no"))
        self._run("openbox", "--sm-disable", "--config-file", str(config))
        given = ["--data", str(data)] if data else []
        self._window = self._run(
            sys.executable, "-m", "tests.screen.driver", str(self.folder),
            *map(str, files), "--theme", theme, *given,
        )  # fmt: skip
        self.wait("the window is there", lambda seen: seen["active"], 30)

    def _environment(self, scale: float) -> dict[str, str]:
        left_out = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "QT_SCALE_FACTOR", "PYTHONWARNINGS")
        kept = {name: text for name, text in os.environ.items() if name not in left_out}
        folders = {
            f"XDG_{name}_HOME": str(self.home / name.lower())
            for name in ("CONFIG", "DATA", "STATE", "CACHE")
        }
        runtime = self.home / "runtime"
        runtime.mkdir(mode=0o700)
        own = {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(runtime), "OMP_NUM_THREADS": "1",
            "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        if scale != 1:
            own["QT_SCALE_FACTOR"] = str(scale)
        return {**kept, **folders, **own}

    def _show_screen(self, screen: tuple[int, int]) -> str:
        reader, writer = os.pipe()
        words = ("-displayfd", str(writer), "-screen", "0", f"{screen[0]}x{screen[1]}x24")
        self._run("Xvfb", *words, "-nolisten", "tcp", "-noreset", pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as said:
            number = said.readline().strip()
        if not number:
            raise AssertionError(f"Xvfb did not start:\n{self._words()}")
        return number

    def _run(self, *words: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            words, cwd=ROOT, env=self._surroundings, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, pass_fds=pass_fds, start_new_session=True,
        )  # fmt: skip
        self._running.append(process)
        return process

    def leave(self) -> None:
        """End all that was started, the window first."""
        for process in reversed(self._running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()
        self._log.close()

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    # Eyes.

    @property
    def seen(self) -> Seen:
        """What is seen now: later than the last movement of this person."""
        return self.wait("the window answers", lambda _: True)

    def wait(self, what: str, is_so: Callable[[Seen], Any], seconds: float = 15) -> Seen:
        """Look until something is so.

        Raises:
            AssertionError: it is not in time; with what the window wrote, and a picture.
        """
        end = time.monotonic() + seconds
        seen: Seen = {}
        while time.monotonic() < end:
            seen = self._look() or seen
            if seen and seen["at"] > self._acted and is_so(seen):
                return seen
            if self._running[-1].poll() is not None or "Traceback" in self._words():
                break
            time.sleep(_LOOK)
        failed = self.pictures / "failed.png"
        self._ask_for_picture(failed)
        time.sleep(0.5)  # for the picture; a window that hangs takes none
        told = f"{what}: not within {seconds} s; see {failed}"
        raise AssertionError(f"{told}\n{self._words()}\n{_brief(seen)}")

    def at_rest(self) -> Seen:
        """What is seen once nothing moves any more."""
        before: list[Any] = [None]

        def same(seen: Seen) -> bool:
            places = (seen["nodes"], seen["palette"], seen["fields"], seen["popup"], seen["zoom"])
            still = before[0] == places and seen["checked"]
            before[0] = places
            return still

        return self.wait("nothing moves", same)

    def picture(self, name: str, path: Path | None = None, box: At = ()) -> Path:
        """Take a picture of the screen, or of a box of it."""
        path = path or self.pictures / f"{self._count + 1:02}-{name}.png"
        number = self._ask_for_picture(path, box)
        self.wait(f"picture {name}", lambda seen: seen["picture"] == number)
        return path

    def _ask_for_picture(self, path: Path, box: At = ()) -> int:
        self._count += 1
        asked = self.folder / "asked.json"
        draft = asked.with_suffix(".draft")
        draft.write_text(json.dumps({"number": self._count, "path": str(path), "box": list(box)}))
        draft.replace(asked)
        return self._count

    def _look(self) -> Seen | None:
        try:
            return json.loads((self.folder / "seen.json").read_bytes())
        except FileNotFoundError:
            return None

    def _words(self) -> str:
        self._log.flush()
        return (self.folder / "window.log").read_text(errors="replace")[-4000:]

    # Hands.

    def do(self, *words: str) -> None:
        """Do what xdotool calls so."""
        done = subprocess.run(
            ["xdotool", *words], env=self._surroundings, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"xdotool {' '.join(words)}: {done.stderr}"
        self._acted = time.monotonic()

    def move(self, *places: At) -> None:
        """Lead the pointer along these places, the first at once."""
        self.do(*_path(places))

    def click(self, at: At, button: int = 1, keys: Sequence[str] = ()) -> None:
        """Click a place, keys held."""
        self.do(*_down(keys), *_move(at), "click", str(button), *_up(keys))

    def double_click(self, at: At) -> None:
        """Click twice."""
        self.do(*_move(at), "click", "--repeat", "2", "--delay", "60", "1")

    def press(self, at: At, button: int = 1) -> None:
        """Press a button and keep it down."""
        self.do(*_move(at), "mousedown", str(button))

    def release(self, button: int = 1) -> None:
        """Let a button go."""
        self.do("mouseup", str(button))

    def drag(self, *places: At, button: int = 1, keys: Sequence[str] = ()) -> None:
        """Press at the first place, go to the others, and let go at the last."""
        first, *others = places
        self.do(
            *_down(keys), *_move(first), "mousedown", str(button), *_path([first, *others])[3:],
            "sleep", str(_PACE), "mouseup", str(button), *_up(keys),
        )  # fmt: skip

    def wheel(self, at: At, notches: int) -> None:
        """Turn the wheel: away from oneself is positive."""
        button = "4" if notches > 0 else "5"
        self.do(*_move(at), "click", "--repeat", str(abs(notches)), "--delay", "15", button)

    def key(self, *keys: str) -> None:
        """Strike keys one after the other, such as "ctrl+s"."""
        self.do("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.do("type", "--delay", "12", text)


def _require_programs() -> None:
    missing = [package for name, package in _PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        raise AssertionError(
            "The window is tested on a screen of its own, which needs some programs. Type\n"
            f"    sudo apt-get install -y --no-install-recommends {' '.join(missing)}"
        )


def _move(at: At) -> list[str]:
    return ["mousemove", str(round(at[0])), str(round(at[1]))]


def _path(places: Sequence[At]) -> list[str]:
    first, *others = places
    words = _move(first)
    for stop in others:
        for step in range(1, _STEPS + 1):
            here = [a + (b - a) * step / _STEPS for a, b in zip(first, stop, strict=True)]
            words += ["sleep", str(_PACE), *_move(here)]
        first = stop
    return words


def _down(keys: Sequence[str]) -> list[str]:
    return [word for key in keys for word in ("keydown", key)]


def _up(keys: Sequence[str]) -> list[str]:
    return [word for key in reversed(keys) for word in ("keyup", key)]


def _brief(seen: Seen) -> str:
    """Return what is worth knowing of what was seen last."""
    names = ("active", "focus", "selection", "told", "hint", "zoom", "popup", "dialog", "undo")
    brief = {name: seen.get(name) for name in names}
    brief["graph"] = [(node["name"], node["wires"]) for node in seen.get("graph", ())]
    brief["training"] = {**seen.get("training", {}), "found": ""}
    return json.dumps(brief, indent=1)[:4000]
