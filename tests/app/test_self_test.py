"""`layerloom --selftest` trains an example, touches nothing of the user, and names what failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def self_test(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the self-test as a user without a display, whose home is `home`."""
    folders = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        folders.pop(name, None)
    return subprocess.run(
        [sys.executable, *words, "--selftest"], cwd=ROOT, capture_output=True, text=True,
        check=False, env={**folders, "HOME": str(home), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize("words", [("-m", "app"), ("resources/bundle/executable.py",)])
def test_every_step_is_named_and_the_home_stays_empty(tmp_path: Path, words: tuple[str, ...]):
    done = self_test(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line.split(" (")[0] for line in done.stdout.splitlines()]
    assert steps == [
        "ok: open the example",
        "ok: check the network and its data",
        "ok: train for 2 epochs",
        "ok: export as PyTorch",
        "ok: Layerloom works on this machine",
    ]
    assert not list(tmp_path.iterdir())


def test_a_step_that_fails_is_named(tmp_path: Path):
    """The processes of the engine can't be started."""
    code = (
        "import sys; from app.main import main; sys.executable = '/no/such/program';"
        "sys.exit(main(['--selftest']))"
    )
    done = self_test(tmp_path, "-c", code)
    assert done.returncode == 1
    *_, last = done.stdout.splitlines()
    assert last.startswith("failed: check the network and its data: ")


@pytest.mark.parametrize("words", [("-m", "engine"), ()])
def test_the_executable_of_the_bundle_runs_modules_as_python_does(
    tmp_path: Path, words: tuple[str, ...]
):
    """Also under the name "engine", without -m."""
    name = tmp_path / ("layerloom" if words else "engine")
    name.symlink_to(ROOT / "resources" / "bundle" / "executable.py")
    done = subprocess.run(
        [sys.executable, name, *words, "layers"], cwd=tmp_path, capture_output=True, text=True,
        check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Dense" in done.stdout
