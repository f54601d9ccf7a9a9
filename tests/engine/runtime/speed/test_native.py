"""The native part is used where it was checked, and left out, with a reason, where it can't be."""

import shutil
import stat

import pytest
import torch

from engine.runtime.extras.recurrent import LSTM
from engine.runtime.speed import checked, lstm, native


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Answer a way to ask anew, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(native.OFF, raising=False)
    return native.native.__wrapped__


needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None and shutil.which("gcc") is None, reason="no C compiler"
)


@needs_compiler
def test_it_is_compiled_once_into_a_folder_of_its_owner_alone(fresh, tmp_path):
    assert fresh().why == ""
    folder = tmp_path / "layerloom" / "native"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    made = file.stat().st_mtime_ns
    assert fresh().library is not None
    assert file.stat().st_mtime_ns == made


def test_without_a_compiler_there_is_a_reason(fresh, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert fresh() == (None, "no C compiler was found")


def test_it_can_be_left_out(fresh, monkeypatch):
    monkeypatch.setenv(native.OFF, "0")
    assert fresh() == (None, "LAYERLOOM_NATIVE=0")


@needs_compiler
def test_a_compiler_that_fails_leaves_nothing_behind(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(native, "_FLAGS", ("--no-such-flag",))
    assert fresh().library is None
    assert "compiled" in fresh().why
    assert list((tmp_path / "layerloom" / "native").iterdir()) == []


@needs_compiler
def test_a_folder_that_others_can_write_to_is_not_trusted(fresh, tmp_path):
    folder = tmp_path / "layerloom" / "native"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert "PermissionError" in fresh().why
    assert list(folder.iterdir()) == []


@needs_compiler
def test_kernels_that_differ_from_torch_are_not_kept(fresh, monkeypatch, tmp_path):
    monkeypatch.setattr(checked, "NEAR", 0.0)
    assert "differs from torch" in fresh().why
    assert list((tmp_path / "layerloom" / "native").iterdir()) == []


def found(rnn, x, mask, library):
    """Answer what an LSTM answers, and all gradients, by torch or by the kernel."""
    x = x.clone().requires_grad_()
    answer = rnn(x, mask) if library is None else lstm.run(rnn, x, mask, library)
    parts = answer if isinstance(answer, tuple) else (answer,)
    loss = sum((part * torch.linspace(-1, 2, part.numel()).view_as(part)).sum() for part in parts)
    return [*parts, *torch.autograd.grad(loss, [x, *rnn.parameters()])]


@pytest.mark.skipif(native.native().library is None, reason=native.native().why)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {}, {"return_sequences": True}, {"return_state": True}, {"go_backwards": True},
        {"return_sequences": True, "return_state": True, "go_backwards": True},
        {"use_bias": False, "return_state": True},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(("rows", "steps", "features", "units"), [(1, 1, 3, 16), (19, 12, 5, 48)])
def test_the_lstm_answers_what_torch_does(masked, options, rows, steps, features, units):
    torch.manual_seed(rows)
    rnn = LSTM(features, units, **options)
    x = torch.randn(rows, steps, features)
    mask = torch.rand(rows, steps) > 0.4 if masked else None
    if masked and rows > 1:
        mask[0] = False
    ours = found(rnn, x, mask, native.native().library)
    for one, other in zip(ours, found(rnn, x, mask, None), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
