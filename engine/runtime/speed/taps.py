"""A convolution along a sequence whose weight's gradient is one product for each tap.

A tap is a place of the window.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

# oneDNN has registers of 512 bits in mind: with those of 256 its own way takes 1.6 to 1.8 times as
# long for the network of posts.
PAYS = torch.backends.cpu.get_cpu_capability() == "AVX2"


def fits(weight: Tensor, x: Tensor, stride: int, groups: int) -> bool:
    """Answer whether `Tapped` computes a convolution, and somebody will go back through it.

    What is compiled is left to the compiler, which has a way of its own.
    """
    if torch.compiler.is_compiling():
        return False
    plain = stride == groups == 1 and weight.dtype == x.dtype == torch.float32
    back = torch.is_grad_enabled() and weight.requires_grad
    cpu = x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return plain and back and cpu and len(x) > 0


class Tapped(Function):
    """A convolution of images of one row, channels last.

    Shapes: image (batch, channels, 1, length), kernel (filters, channels, 1, window) ->
        (batch, filters, 1, places).
    """

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, kernel: Tensor, bias: Tensor | None, padding: int, dilation: int
    ) -> Tensor:
        """Convolve."""
        ctx.save_for_backward(image, kernel)
        ctx.padding, ctx.dilation, ctx.biased = padding, dilation, bias is not None
        return functional.conv2d(image, kernel, bias, 1, (0, padding), (1, dilation))

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Answer the gradients of image, kernel and bias."""
        image, kernel = ctx.saved_tensors
        (d,) = given
        d_image = d_kernel = d_bias = None
        if ctx.needs_input_grad[0]:
            d_image, *_ = torch.ops.aten.convolution_backward(
                d, image, kernel, None, (1, 1), (0, ctx.padding), (1, ctx.dilation), False, (0, 0),
                1, (True, False, False),
            )  # fmt: skip
        if ctx.needs_input_grad[1]:
            d_kernel = _of_kernel(image, kernel.shape[-1], d, ctx.padding, ctx.dilation)
        if ctx.biased:
            d_bias = d.sum((0, 2, 3))
        return d_image, d_kernel, d_bias, None, None


def _of_kernel(image: Tensor, window: int, d: Tensor, padding: int, dilation: int) -> Tensor:
    """Answer the gradient of a kernel: by tap, the products of what it met.

    Why: with as many places as x has, of which the last ones have no gradient, all sequences are
        one, and a tap is that sequence some steps later. No window is copied.
    """
    sequences, spoken = (one.squeeze(2).mT for one in (image, d))
    x = functional.pad(sequences, (0, 0, padding, padding))
    wide = functional.pad(spoken, (0, 0, 0, x.shape[1] - spoken.shape[1]))
    channels, count = x.shape[-1], x.shape[0] * x.shape[1] - dilation * (window - 1)
    steps = (dilation * channels, channels, 1)
    met = x.contiguous().as_strided((window, count, channels), steps)
    told = wide.flatten(0, 1)[:count].t().expand(window, -1, count)
    return torch.bmm(told, met).permute(1, 2, 0).unsqueeze(2)
