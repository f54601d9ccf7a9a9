"""Where and in which precision a run computes: device, threads, seeds, and what to write down."""

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

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.recipe.recipe import Device, Precision

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from engine.runtime.optimizers.algorithms import Optimizer

Edit = dict[str, Any]


class Place:
    """A plain place: one device, real numbers of one kind, nothing scaled.

    Args:
        device: where tensors lie.
        dtype: what weights and real inputs are.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device = device
        self.dtype = dtype

    def settle(self, module: nn.Module) -> nn.Module:
        """Move a module's weights here, in place, and answer it."""
        return module.to(device=self.device, dtype=self.dtype)

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which forward passes and losses are computed."""
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss to the parameters; where none matters, there are none."""
        if loss.requires_grad:
            torch.autograd.backward(loss)

    @property
    def scale(self) -> float:
        """What gradients are multiplied by at the moment."""
        return 1.0

    def step(self, optimizer: Optimizer[Any], learning_rate: float) -> None:
        """Let the optimizer take a step."""
        optimizer.step(learning_rate)

    def state(self) -> dict[str, Any]:
        """Return what a resume needs to know of this place, plain JSON."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Load what `state` returned."""


class FabricPlace(Place):
    """A place that Lightning Fabric knows how to use: another device, or mixed precision."""

    def __init__(self, fabric: Fabric, dtype: torch.dtype) -> None:
        super().__init__(fabric.device, dtype)
        self._fabric = fabric

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which torch picks a shorter kind of number where that is safe."""
        context: AbstractContextManager[Any] = self._fabric.autocast()
        return context

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss, scaled where 16 bits would lose small ones."""
        if loss.requires_grad:
            self._fabric.backward(loss)

    @property
    def scale(self) -> float:
        """What gradients are multiplied by at the moment, where 16 bits would lose small ones."""
        scaler: Any = getattr(self._fabric.strategy.precision, "scaler", None)
        return float(scaler.get_scale()) if scaler is not None else 1.0

    def step(self, optimizer: Optimizer[Any], learning_rate: float) -> None:
        """Let the optimizer take a step on gradients at their true scale, or leave out a bad one.

        With 16-mixed a step with an infinite gradient is left out and the scale is lowered.
        """
        precision: Any = self._fabric.strategy.precision
        precision.optimizer_step(optimizer, learning_rate=learning_rate)

    def state(self) -> dict[str, Any]:
        """Return the scale of the gradients, where there is one."""
        precision: Any = self._fabric.strategy.precision
        return dict(precision.state_dict())

    def load_state(self, state: dict[str, Any]) -> None:
        """Load what `state` returned."""
        precision: Any = self._fabric.strategy.precision
        precision.load_state_dict(state)


def make_place(device: Device, precision: Precision) -> Place:
    """Return the place that a recipe asks for.

    Why: Fabric takes a second to import, so a CPU with one kind of number never loads it.

    Raises:
        DiagnosticError: device-missing or precision-unfit.
    """
    where = pick(device)
    _refuse_unfit(where, precision)
    dtype = torch.float64 if precision == "float64" else torch.float32
    if where.type == "cpu" and not precision.endswith("-mixed"):
        return Place(where, dtype)
    from lightning_fabric import Fabric

    # It announces the precision on stderr; the run's own events say it already.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    known: Any = {"float32": "32-true", "float64": "64-true"}.get(precision, precision)
    return FabricPlace(Fabric(accelerator=where.type, devices=1, precision=known), dtype)


def pick(device: Device) -> torch.device:
    """Return the torch device of that name; "auto" takes cuda, else mps, else cpu.

    Raises:
        DiagnosticError: device-missing.
    """
    there = devices()
    if device == "auto":
        return torch.device(there[-1])
    if device not in there:
        raise Refused(_missing(device, there))
    return torch.device(device)


def devices() -> tuple[str, ...]:
    """Return the kinds of device that this machine has, slowest first."""
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    cuda = ("cuda",) if torch.cuda.is_available() else ()
    return ("cpu", *mps, *cuda)


def _refuse_unfit(device: torch.device, precision: Precision) -> None:
    if precision == "16-mixed" and device.type == "cpu":
        raise Refused(_unfit(device, precision, "bf16-mixed"))
    if precision == "float64" and device.type == "mps":
        raise Refused(_unfit(device, precision, "float32"))
    if precision == "bf16-mixed" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise Refused(_unfit(device, precision, "16-mixed"))


def use_threads(threads: int | None) -> int:
    """Set the number of processor threads, None leaving it to torch, and answer it."""
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def seed_step(seed: int, step: int, device: torch.device | None = None) -> None:
    """Start torch's random numbers anew for a step, on the CPU and on `device`.

    Why: what a step draws then depends on the seed and its number alone, so that a resumed run
        needs no generator's state. torch.manual_seed asks every backend, which takes ten times
        as long.
    """
    number = _mixed(seed, step)
    torch.default_generator.manual_seed(number)
    if device is not None and device.type == "cuda":
        torch.cuda.manual_seed(number)
    if device is not None and device.type == "mps":
        torch.mps.manual_seed(number)


def _mixed(seed: int, step: int) -> int:
    """Return a number whose bits all depend on both.

    torch's CPU generator looks at the lower 32 bits only. Source: Steele and others 2014, splitmix.
    """
    value = (seed * 0x9E3779B97F4A7C15 + (step + 1) * 0xD1B54A32D192ED03) & _ALL
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _ALL
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _ALL
    return value ^ value >> 31


_ALL = (1 << 64) - 1


def versions() -> dict[str, str]:
    """Return the versions that a run's numbers depend on."""
    try:
        own = version("layerloom")
    except PackageNotFoundError:  # run from a checkout that was never installed
        own = "unknown"
    return {
        "engine": own,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def cpu_capability() -> str:
    """Return the instruction set that torch uses: sums differ between them in the last digits."""
    return torch.backends.cpu.get_cpu_capability()


def unlike(run: Mapping[str, Any], device: torch.device, native: bool = False) -> list[Diagnostic]:
    """Return a warning if a run goes on where its numbers may differ in the last digits.

    Args:
        run: what run.json says of where it began.
        device: where it goes on.
        native: whether it does so by the native part.
    """
    used = {True: "used", False: "left out"}
    now = {**versions(), "processor": cpu_capability(), "device": str(device)}
    then = {**run["versions"], "processor": run["cpu"], "device": run["device"]}
    now["native part"], then["native part"] = used[native], used[bool(run.get("native"))]
    differ = [name for name in now if now[name] != then.get(name)]
    if not differ:
        return []
    return [
        Diagnostic(
            "not-bit-identical",
            "the run goes on elsewhere, and may differ in the last digits from one without a break",
            severity="warning",
            found=", ".join(f"{name} {now[name]}" for name in differ),
            expected=", ".join(f"{name} {then.get(name, 'unknown')}" for name in differ),
            fixes=(Fix("Nothing, unless you compare runs digit by digit."),),
        )
    ]


def _recipe(**fields: str) -> Edit:
    return {"do": "set_recipe", "fields": fields}


def _missing(device: str, there: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "device-missing",
        f"this machine has no {device} that torch can use",
        param="device",
        place="recipe",
        found=", ".join(there),
        expected=device,
        fixes=(Fix("Use auto, which takes the fastest there is.", _recipe(device="auto")),),
    )


def _unfit(device: torch.device, precision: str, instead: str) -> Diagnostic:
    return Diagnostic(
        "precision-unfit",
        f"{device.type} can't train in {precision}",
        param="precision",
        place="recipe",
        found=precision,
        expected=f"a precision that {device.type} has",
        fixes=(Fix(f"Use {instead}.", _recipe(precision=instead)),),
    )
