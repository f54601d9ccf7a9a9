"""Device, precision and number of threads of network computations."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

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
        """Return a context manager for forward passes and losses; it may set mixed precision."""
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
        """Return the state of gradient scaling for a checkpoint, as plain JSON; {} if unscaled."""
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
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment

    # Fabric logs the precision to stderr; our events report it already.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    name: Any = {"float32": "32-true", "float64": "64-true"}.get(precision, precision)
    # Ranks are those of torchrun: Fabric must not look for tasks of Slurm.
    plugins = LightningEnvironment()
    fabric = Fabric(accelerator=torch_device.type, devices=1, precision=name, plugins=plugins)
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


def require_devices(device: torch.device, count: int) -> None:
    """Check that this machine has as many devices of a kind as processes; CPUs have any number.

    Raises:
        DiagnosticError: devices-missing.
    """
    available = torch.cuda.device_count() if device.type == "cuda" else 1
    if device.type == "cpu" or count <= available:
        return
    raise DiagnosticError(
        Diagnostic(
            "devices-missing",
            f"this machine has fewer {device.type} devices than processes",
            param="devices",
            found=f"{available}",
            expected=f"{count}",
            fixes=(
                Fix(f"Use --devices {available}."),
                Fix("Use --device cpu, where each device is a process."),
            ),
        )
    )


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
