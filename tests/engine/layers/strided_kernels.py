"""Gradients of convolutions with kernels of size 1 and strides, in channels-last layout.

This runs in a process of its own, since torch's own convolution crashes here.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Layer
from engine.layers.conv import Conv1D, Conv2D
from engine.runtime.acceleration.channels_last import conv1d
from engine.runtime.model.nn_namespace import NN_NAMESPACE


def gradients(layer: Layer, x: Tensor, dtype: torch.dtype, native: bool) -> list[Tensor]:
    torch.manual_seed(0)
    conv = layer.build(NN_NAMESPACE, TensorSpec(tuple(x.shape[1:]))).to(dtype)
    own = x.to(dtype).clone().requires_grad_()
    y = conv1d(conv, own) if native else conv(own.movedim(-1, 1)).movedim(1, -1)
    y.square().sum().backward()
    return [own.grad, conv.weight.grad, conv.bias.grad]


def main() -> None:
    torch.set_num_threads(2)
    for channels, stride, rows in product((1, 3, 8, 12, 20), (2, 3), (1, 5, 8)):
        sequence = torch.randn(rows, 64, channels), Conv1D(6, 1, strides=stride)
        image = torch.randn(rows, 16, 17, channels), Conv2D(6, 1, strides=(stride, 2))
        for (x, layer), native in ((sequence, False), (sequence, True), (image, False)):
            expected = gradients(layer, x, torch.float64, False)
            found = gradients(layer, x, torch.float32, native)
            for value, exact in zip(found, expected, strict=True):
                torch.testing.assert_close(value.double(), exact, rtol=1e-4, atol=1e-4)


if __name__ == "__main__":
    main()
