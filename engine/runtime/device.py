"""Device, precision, threads and random seeds of a run; the environment that run.json records."""

from __future__ import annotations

import logging
import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy
import torch
from torch import Tensor, nn

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.recipe.recipe import Device, Precision

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from engine.runtime.optimizers.base import Optimizer


class DeviceContext:
    """The device and dtype of network computations, without mixed precision or gradient scaling.

    Args:
        dtype: dtype of weights and of floating-point inputs.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device = device
        self.dtype = dtype

    def setup_module(self, module: nn.Module) -> nn.Module:
        """Move a module to the device and dtype in place, and return it."""
        return module.to(device=self.device, dtype=self.dtype)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context manager in which forward passes and losses are computed."""
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Run the backward pass of a loss; do nothing if the loss depends on no parameter."""
        if loss.requires_grad:
            torch.autograd.backward(loss)

    @property
    def gradient_scale(self) -> float:
        """The factor by which losses are scaled in the backward pass; 1 without scaling."""
        return 1.0

    def step(self, optimizer: Optimizer[Any], learning_rate: float) -> None:
        """Run one step of an optimizer."""
        optimizer.step(learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the state to save in a checkpoint, as plain JSON."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load a state that `state_dict` returned."""


class FabricDeviceContext(DeviceContext):
    """A device context for a GPU or for mixed precision, managed by Lightning Fabric."""

    def __init__(self, fabric: Fabric, dtype: torch.dtype) -> None:
        super().__init__(fabric.device, dtype)
        self._fabric = fabric
        self._precision: Any = fabric.strategy.precision

    def autocast(self) -> AbstractContextManager[Any]:
        """Return torch's autocast context for mixed precision."""
        context: AbstractContextManager[Any] = self._fabric.autocast()
        return context

    def backward(self, loss: Tensor) -> None:
        """Run the backward pass of a loss; with 16-mixed, the loss is scaled to avoid underflow."""
        if loss.requires_grad:
            self._fabric.backward(loss)

    @property
    def gradient_scale(self) -> float:
        """The current gradient scale; 1 unless precision is 16-mixed."""
        scaler: Any = getattr(self._precision, "scaler", None)
        return float(scaler.get_scale()) if scaler is not None else 1.0

    def step(self, optimizer: Optimizer[Any], learning_rate: float) -> None:
        """Run one step of an optimizer on unscaled gradients.

        With 16-mixed, a step with a non-finite gradient is skipped and the scale is lowered.
        """
        self._precision.optimizer_step(optimizer, learning_rate=learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the gradient scaler; {} if there is none."""
        return dict(self._precision.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        self._precision.load_state_dict(state)


def make_device_context(device: Device, precision: Precision) -> DeviceContext:
    """Return the device context for a device and precision.

    Why: importing Fabric takes a second, so it isn't imported for a CPU without mixed precision.

    Raises:
        DiagnosticError: device-missing or precision-unfit.
    """
    torch_device = select_device(device)
    _check_precision(torch_device, precision)
    dtype = torch.float64 if precision == "float64" else torch.float32
    if torch_device.type == "cpu" and not precision.endswith("-mixed"):
        return DeviceContext(torch_device, dtype)
    from lightning_fabric import Fabric

    # Fabric logs the precision to stderr; our events report it already.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    name: Any = {"float32": "32-true", "float64": "64-true"}.get(precision, precision)
    fabric = Fabric(accelerator=torch_device.type, devices=1, precision=name)
    return FabricDeviceContext(fabric, dtype)


def select_device(device: Device) -> torch.device:
    """Return the torch device with this name; "auto" selects cuda, else mps, else cpu.

    Raises:
        DiagnosticError: device-missing.
    """
    available = available_devices()
    if device == "auto":
        return torch.device(available[-1])
    if device not in available:
        raise DiagnosticError(_missing(device, available))
    return torch.device(device)


def available_devices() -> tuple[str, ...]:
    """Return the device types of this machine, slowest first."""
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    return ("cpu", *mps, *cuda)


def _check_precision(device: torch.device, precision: Precision) -> None:
    if precision == "16-mixed" and device.type == "cpu":
        raise DiagnosticError(_unfit(device, precision, "bf16-mixed"))
    if precision == "float64" and device.type == "mps":
        raise DiagnosticError(_unfit(device, precision, "float32"))
    if precision == "bf16-mixed" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise DiagnosticError(_unfit(device, precision, "16-mixed"))


def set_thread_count(threads: int | None) -> int:
    """Set the number of CPU threads (None keeps the current number); return the number in use."""
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def seed_step(seed: int, step: int, device: torch.device | None = None) -> None:
    """Seed torch's random generators on the CPU and on `device` for a training step.

    Why: the random numbers of a step depend only on the run's seed and the step number, so
        checkpoints need no generator state. torch.manual_seed would seed all backends, and take ten
        times as long.
    """
    step_seed = _hash(seed, step)
    torch.default_generator.manual_seed(step_seed)
    if device is not None and device.type == "cuda":
        torch.cuda.manual_seed(step_seed)
    if device is not None and device.type == "mps":
        torch.mps.manual_seed(step_seed)


def _hash(seed: int, step: int) -> int:
    """Return a 64-bit hash of a seed and a step number, computed by the finalizer of splitmix64.

    Why: torch's CPU generator uses the lower 32 bits only, so all bits have to be mixed.
    Source: Steele and others 2014, splitmix.
    """
    value = (seed * 0x9E3779B97F4A7C15 + (step + 1) * 0xD1B54A32D192ED03) & _UINT64_MAX
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _UINT64_MAX
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _UINT64_MAX
    return value ^ value >> 31


_UINT64_MAX = (1 << 64) - 1


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that affect a run's results."""
    try:
        engine_version = version("layerloom")
    except PackageNotFoundError:  # run from a checkout that was never installed
        engine_version = "unknown"
    return {
        "engine": engine_version,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def cpu_capability() -> str:
    """Return the CPU instruction set that torch uses, which affects rounding."""
    return torch.backends.cpu.get_cpu_capability()


def environment_warnings(
    record: Mapping[str, Any], device: torch.device, native: bool = False
) -> list[Diagnostic]:
    """Return one warning if a resumed run may round differently than its first attempt, else [].

    Args:
        record: content of run.json, with the environment of the first attempt.
        device: device of the current attempt.
        native: whether the current attempt uses compiled kernels.
    """
    used = {True: "used", False: "not used"}
    now = {**package_versions(), "processor": cpu_capability(), "device": str(device)}
    then = {**record["versions"], "processor": record["cpu"], "device": record["device"]}
    now["kernels"], then["kernels"] = used[native], used[bool(record.get("native"))]
    changed = [name for name in now if now[name] != then.get(name)]
    if not changed:
        return []
    return [
        Diagnostic(
            "not-bit-identical",
            "the environment has changed, so results may differ in the last digits from an "
            "uninterrupted run",
            severity="warning",
            found=", ".join(f"{name} {now[name]}" for name in changed),
            expected=", ".join(f"{name} {then.get(name, 'unknown')}" for name in changed),
            fixes=(Fix("Nothing, unless you compare runs digit by digit."),),
        )
    ]


def _set_recipe(**fields: str) -> dict[str, Any]:
    return {"do": "set_recipe", "fields": fields}


def _missing(device: str, available: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "device-missing",
        f"this machine has no {device} that torch can use",
        param="device",
        place="recipe",
        found=", ".join(available),
        expected=device,
        fixes=(Fix("Use auto, which selects the fastest device.", _set_recipe(device="auto")),),
    )


def _unfit(device: torch.device, precision: str, instead: str) -> Diagnostic:
    return Diagnostic(
        "precision-unfit",
        f"{device.type} can't train in {precision}",
        param="precision",
        place="recipe",
        found=precision,
        expected=f"a precision that {device.type} supports",
        fixes=(Fix(f"Use {instead}.", _set_recipe(precision=instead)),),
    )
