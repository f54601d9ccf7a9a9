"""The native part is used where it was checked, and left out, with a reason, where it can't be."""

import platform
import shutil
import stat

import pytest

from engine.runtime.acceleration import kernel_build as build
from engine.runtime.acceleration import operators, self_test


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Return a way to ask anew, with a cache of its own; afterwards the old kernels are back."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(build.ENV_NAME, raising=False)
    before = dict(operators.KERNELS)
    yield build.unavailable_reason.__wrapped__
    operators.KERNELS.update(before)


needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None and shutil.which("gcc") is None, reason="no C compiler"
)


@pytest.mark.slow
@needs_compiler
def test_it_is_compiled_once_into_a_folder_of_its_owner_alone(fresh, tmp_path):
    assert fresh() == ""
    folder = tmp_path / "layerloom" / "native"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    made = file.stat().st_mtime_ns
    assert fresh() == ""
    assert file.stat().st_mtime_ns == made


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(platform.machine() != "x86_64", reason="flags of another processor")
@pytest.mark.parametrize("flag", ["-mno-avx512f", "-mno-avx"])
def test_narrower_registers_answer_the_same(fresh, monkeypatch, flag):
    monkeypatch.setattr(build, "_FLAGS", (*build._FLAGS, flag))
    assert fresh() == ""


def test_without_a_compiler_there_is_a_reason(fresh, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert fresh() == "no C compiler was found"


def test_it_can_be_left_out(fresh, monkeypatch):
    monkeypatch.setenv(build.ENV_NAME, "0")
    assert fresh() == "LAYERLOOM_NATIVE=0"


@needs_compiler
def test_a_compiler_that_fails_leaves_nothing_behind(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "_FLAGS", ("--no-such-flag",))
    assert "compiled" in fresh()
    assert list((tmp_path / "layerloom" / "native").iterdir()) == []


@needs_compiler
def test_a_folder_that_others_can_write_to_is_not_trusted(fresh, tmp_path):
    folder = tmp_path / "layerloom" / "native"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert "PermissionError" in fresh()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(build.unavailable_reason() != "", reason=build.unavailable_reason())
def test_the_update_of_all_rows_is_tested_too(monkeypatch):
    move, name = operators.KERNELS["rows_move"], "rows_move"
    monkeypatch.setitem(operators.KERNELS, name, lambda *given: given[2] and move(*given))
    assert self_test.differs() == "the optimizer update"


@needs_compiler
def test_kernels_that_differ_from_torch_are_not_kept(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(self_test, "TOLERANCE", 0.0)
    assert "differs from torch" in fresh()
    assert list((tmp_path / "layerloom" / "native").iterdir()) == []
