"""A network as a plain description, which both libraries can build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LENGTH = 11  # of every free axis
IDS = 5  # how many an Embedding knows
Source = tuple[str, int]  # a name, and which of its outputs


@dataclass(frozen=True)
class Use:
    """One call of a layer.

    Args:
        name, kind, params: the layer's; a layer that is called again has them once.
        sources: (name, which of its outputs) of what it is called on, by port in order.
        of: the use whose layer is called, "" for a layer of its own.
    """

    name: str
    kind: str
    params: dict[str, Any]
    sources: tuple[tuple[str, int], ...]
    of: str = ""


@dataclass(frozen=True)
class End:
    """One output: what is trained there.

    Args:
        source: what comes out; the output is called by its layer's name.
        loss, params: which loss.
        weight: its factor in the total.
        weighted: True if rows have weights.
    """

    source: tuple[str, int]
    loss: str
    params: dict[str, Any]
    weight: float
    weighted: bool


@dataclass(frozen=True)
class Description:
    """A network.

    Args:
        inputs: shape and dtype of each Input.
        fed: those that the model begins with; others only gave layers their weights.
        uses, ends: calls in order, outputs.
    """

    inputs: dict[str, tuple[tuple[int | None, ...], str]]
    fed: tuple[str, ...]
    uses: tuple[Use, ...]
    ends: tuple[End, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (self.inputs, self.fed, *self.uses, *self.ends)))
