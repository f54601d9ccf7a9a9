"""Device, precision and number of threads of network computations."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from engine.core.diagnostic import diagnostic_error, set_recipe_fix
from engine.launch.torchrun import current_rank
from engine.recipe.recipe import Device, Precision

if TYPE_CHECKING:
    from lightning_fabric.plugins import MixedPrecision

    from engine.runtime.optimizers.base import Optimizer

# By device and precision that it may lack (on cuda, old devices do), the precision to use instead.
_REPLACEMENTS = {
    ("cpu", "16-mixed"): "bf16-mixed",
    ("mps", "float64"): "float32",
    ("cuda", "bf16-mixed"): "16-mixed",
}


class DeviceContext:
    """The device and dtype of network computations, optionally with mixed precision.

    Args:
        dtype: dtype of weights and of floating-point inputs.
        mixed: Lightning Fabric's mixed precision; None computes everything in `dtype`.
    """

    def __init__(
        self, device: torch.device, dtype: torch.dtype, mixed: MixedPrecision | None = None
    ) -> None:
        self.device = device
        self.dtype = dtype
        self._mixed = mixed

    def setup_module(self, module: nn.Module) -> nn.Module:
        """Move a module to the device and dtype in place, and return it."""
        return module.to(device=self.device, dtype=self.dtype)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return a context manager for forward passes and losses; it may set mixed precision."""
        return self._mixed.forward_context() if self._mixed else nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Run the backward pass of a loss; do nothing if the loss depends on no parameter.

        With 16-mixed, the loss is scaled to avoid underflow.
        """
        if loss.requires_grad and self._mixed:
            self._mixed.backward(loss, None)
        elif loss.requires_grad:
            torch.autograd.backward(loss)

    @property
    def gradient_scale(self) -> float:
        """The factor by which losses are scaled in the backward pass; 1 without scaling."""
        scaler = self._mixed.scaler if self._mixed else None
        return float(scaler.get_scale()) if scaler is not None else 1.0

    def step(self, optimizer: Optimizer[Any], learning_rate: float) -> None:
        """Run one step of an optimizer on unscaled gradients.

        With 16-mixed, a step with a non-finite gradient is skipped and the scale is lowered. All
        ranks do so, since gradients are summed over the ranks before.
        """
        if self._mixed:
            self._mixed.optimizer_step(optimizer, learning_rate=learning_rate)  # type: ignore[arg-type]
        else:
            optimizer.step(learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of gradient scaling for a checkpoint, as plain JSON; {} if unscaled."""
        return dict(self._mixed.state_dict()) if self._mixed else {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        if self._mixed:
            self._mixed.load_state_dict(state)


def make_device_context(
    device: Device, precision: Precision, deterministic: bool = False
) -> DeviceContext:
    """Return the device context for a device and precision.

    `deterministic` lets torch use deterministic algorithms only, in this whole process.

    Why: importing Fabric takes a second, so it isn't imported without mixed precision.

    Raises:
        DiagnosticError: device-missing or precision-unfit.
    """
    torch_device = select_device(device)
    _check_precision(torch_device, precision)
    if torch_device.type == "cuda":
        torch.cuda.set_device(torch_device)  # for random generators
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # as torch asks for
        torch.use_deterministic_algorithms(True)
    if precision == "float32" or precision == "float64":
        return DeviceContext(torch_device, getattr(torch, precision))
    from lightning_fabric.plugins import MixedPrecision

    mixed = MixedPrecision(precision, torch_device.type)
    return DeviceContext(torch_device, torch.float32, mixed)


def select_device(device: Device) -> torch.device:
    """Return the torch device with this name; "auto" selects cuda, else mps, else cpu.

    Raises:
        DiagnosticError: device-missing.
    """
    available = available_devices()
    name = available[-1] if device == "auto" else device
    if name not in available:
        raise diagnostic_error(
            "device-missing",
            f"this machine has no {name} that torch can use",
            set_recipe_fix("Use auto, which selects the fastest device.", device="auto"),
            param="device",
            place="recipe",
            found=", ".join(available),
            expected=name,
        )
    if name == "cuda":  # each process of a machine has a GPU of its own
        return torch.device(name, current_rank().local_number)
    return torch.device(name)


def require_devices(device: torch.device, count: int) -> None:
    """Check that this machine has as many devices of a kind as processes; CPUs have any number.

    Raises:
        DiagnosticError: devices-missing.
    """
    available = torch.cuda.device_count() if device.type == "cuda" else 1
    if device.type == "cpu" or count <= available:
        return
    raise diagnostic_error(
        "devices-missing",
        f"this machine has fewer {device.type} devices than processes",
        f"Use --devices {available}.",
        "Use --device cpu, where each device is a process.",
        param="devices",
        found=f"{available}",
        expected=f"{count}",
    )


def available_devices() -> tuple[str, ...]:
    """Return the device types of this machine, slowest first."""
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    return ("cpu", *mps, *cuda)


def _check_precision(device: torch.device, precision: Precision) -> None:
    instead = _REPLACEMENTS.get((device.type, precision))
    if instead is None or (device.type == "cuda" and torch.cuda.is_bf16_supported()):
        return
    raise diagnostic_error(
        "precision-unfit",
        f"{device.type} can't train in {precision}",
        set_recipe_fix(f"Use {instead}.", precision=instead),
        param="precision",
        place="recipe",
        found=precision,
        expected=f"a precision that {device.type} supports",
    )


def set_thread_count(threads: int | None) -> int:
    """Set the number of CPU threads (None keeps the current number); return the number in use."""
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()
