"""Processes without startup time: forks of a parent that has imported torch and the engine.

Starting Python with torch takes two seconds, so few kills would happen during training.
The parent computes nothing itself, so it has no threads that would be lost in a fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from engine.layers.catalogue import layer_classes
from tests.reliability.watch import build_schemas

ROOT = Path(__file__).parents[2]
PRELOADED = (
    "engine.cli.app",
    "engine.runtime.run.runner",
    "engine.runtime.inference.trained_model",
    "engine.data.prepared_data",
    "pyarrow.csv",
    "torch.optim",
    "torchmetrics.classification",
    "tests.reliability.programs",
    "tests.reliability.writers",
)


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Args:
        code: its exit code, or the negative number of the signal that killed it.
        said: its stdout and stderr.
        seconds: from its start to its end.
        memory: its peak memory in MB.
    """

    code: int
    said: str
    seconds: float
    memory: float


class Child:
    """A forked process, the leader of its own session."""

    def __init__(self, parent: Warm, pid: int, log: Path) -> None:
        self._parent = parent
        self._log = log
        self._began = time.monotonic()
        self.pid = pid
        self.ended: Ended | None = None

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal; no effect if the process has ended."""
        if not self.poll():
            os.kill(self.pid, number)  # not reaped yet, so the process id is still valid

    def poll(self) -> bool:
        """Return whether it has ended."""
        if self.ended is None:
            answer = self._parent.ask(poll=self.pid)
            if answer["code"] is not None:
                seconds = time.monotonic() - self._began
                self.ended = Ended(answer["code"], self.said(), seconds, answer["memory"])
        return self.ended is not None

    def said(self) -> str:
        """Return its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait(self, timeout: float = 60) -> Ended:
        """Wait for its end."""
        self.until(self.poll, timeout)
        assert self.ended is not None
        return self.ended

    def until(self, happened: Callable[[], Any], timeout: float = 60) -> bool:
        """Wait for a condition or the end of the process; return whether the condition holds."""
        deadline = time.monotonic() + timeout
        while not happened():
            if self.poll():
                return bool(happened())
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"nothing happened for {timeout} s; it said: {self.said()}")
            time.sleep(0.005)
        return True


class Warm:
    """The parent. One of these is shared by all tests of a session.

    Args:
        folder: for the output of its children.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.warm"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def ask(self, **words: Any) -> dict[str, Any]:
        """Send a request to the parent, and return the response."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def start(self, program: str, *arguments: Any, cwd: Path | None = None) -> Child:
        """Start a function of `tests.reliability.programs` in a new process.

        Args:
            program: its name.
            arguments: its arguments, plain JSON or paths.
            cwd: the folder to run in.
        """
        self._count += 1
        log = self._folder / f"said-{self._count}"
        log.touch()
        plain = [str(each) if isinstance(each, Path) else each for each in arguments]
        answer = self.ask(
            program=program, arguments=plain, log=str(log), cwd=str(cwd or self._folder)
        )
        return Child(self, answer["pid"], log)

    def run(self, program: str, *arguments: Any, timeout: float = 120, **more: Any) -> Ended:
        """Start a program, and return how it ended."""
        return self.start(program, *arguments, **more).wait(timeout)

    def engine(self, *words: Any, **more: Any) -> Ended:
        """Run the `engine` command."""
        return self.run("engine", *map(str, words), **more)

    def close(self) -> None:
        """End the parent, which kills its running children."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve() -> None:
    """Run the parent: fork on request until its input ends."""
    for name in PRELOADED:
        import_module(name)
    layer_classes()  # otherwise imported when a graph file is read
    build_schemas()  # otherwise built at their first use
    living: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "poll" in asked:
            answer = _polled(asked["poll"], living)
        else:
            pid = os.fork()
            if pid == 0:
                _become(asked)
            living.add(pid)
            answer = {"pid": pid}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _polled(pid: int, living: set[int]) -> dict[str, Any]:
    gone, status, usage = os.wait4(pid, os.WNOHANG)
    if not gone:
        return {"code": None}
    living.discard(pid)
    return {"code": os.waitstatus_to_exitcode(status), "memory": usage.ru_maxrss / 1024}


def _become(asked: dict[str, Any]) -> None:
    """Run a program in this fork and end the process in any case."""
    code = 70
    try:
        os.setsid()
        os.chdir(asked["cwd"])
        log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for handle, number in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(handle, number)
        programs = import_module("tests.reliability.programs")
        answer = getattr(programs, asked["program"])(*asked["arguments"])
        code = answer if isinstance(answer, int) else 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(bool(left.code))
    except BaseException:  # noqa: BLE001 - the parent's loop must never go on in the child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
