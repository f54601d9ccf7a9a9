"""The namespace of module classes for `Layer.build`: torch.nn and our additional modules."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine.runtime import nn_extras


class NNNamespace:
    """A namespace of torch module classes; our classes take precedence over torch.nn.

    Why: dropout draws the same numbers on a CPU as torch.nn.Dropout, but can draw those of some
        rows of a batch.
    """

    Dropout = nn_extras.SharedDropout

    def __getattr__(self, name: str) -> Any:
        return getattr(nn_extras, name, None) or getattr(nn, name)


NN_NAMESPACE = NNNamespace()
