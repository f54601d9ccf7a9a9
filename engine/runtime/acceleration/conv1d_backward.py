"""1D convolution whose backward pass is computed by matrix products (im2col).

A tap is an index within the kernel's window; a window position is an index along the output.

With output gradient D (one row per window position), window matrix X (im2col: each row is the
flattened window of a position) and kernel matrix K (filters, window * channels):

    gradient of the kernel = D^T X        gradient of each window = D K
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

# oneDNN's kernels are optimized for 512-bit registers (AVX-512). With 256 bits (AVX2) its gradient
# of the kernel takes 1.2 to 2 times as long as that of this module, and its gradient of the input
# 1.1 to 1.3 times, except for long sequences.
IS_FASTER = torch.backends.cpu.get_cpu_capability() == "AVX2"
_MAX_ELEMENTS = 1 << 20  # elements of a window matrix; a larger matrix exceeds the cache
# Measured bounds, outside of which oneDNN is at least as fast.
_MAX_LENGTH_RATIO = 9 / 8  # (input length / window positions) for the faster of two methods
_MAX_POSITIONS = 200
_MIN_POSITIONS_PER_END = 16  # window positions per padded time step at each end
_MIN_CHANNELS = 64  # minimum number of channels and of filters


def supports(weight: Tensor, x: Tensor, stride: int, groups: int) -> bool:
    """Return whether `MatmulConv1d` supports a convolution and `weight` needs a gradient.

    The result is False within torch.compile, because the compiler optimizes torch's convolution.
    """
    if torch.compiler.is_compiling():
        return False
    is_supported = stride == groups == 1 and weight.dtype == x.dtype == torch.float32
    needs_gradient = torch.is_grad_enabled() and weight.requires_grad
    is_on_cpu = x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return is_supported and needs_gradient and is_on_cpu and len(x) > 0


class MatmulConv1d(Function):
    """An autograd function: the convolution of images of height 1 in channels-last layout.

    Shapes: image (batch, channels, 1, length), kernel (filters, channels, 1, window) ->
        (batch, filters, 1, positions).
    """

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, kernel: Tensor, bias: Tensor | None, padding: int, dilation: int
    ) -> Tensor:
        """Return the convolution of `image` with `kernel`, computed by torch's conv2d.

        Only `backward` uses matrix products.
        """
        ctx.save_for_backward(image, kernel)
        ctx.padding, ctx.dilation, ctx.has_bias = padding, dilation, bias is not None
        return functional.conv2d(image, kernel, bias, 1, (0, padding), (1, dilation))

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of image, kernel and bias."""
        image, kernel = ctx.saved_tensors
        padding, dilation = ctx.padding, ctx.dilation
        x, d_output = (tensor.squeeze(2).mT.contiguous() for tensor in (image, given[0]))
        d_image = d_kernel = d_bias = None
        if ctx.needs_input_grad[0]:
            d_image = _image_gradient(d_output, image, kernel, padding, dilation)
        if ctx.needs_input_grad[1]:
            # `pad` copies even if the padding is 0.
            padded = functional.pad(x, (0, 0, padding, padding)) if padding else x
            d_kernel = _kernel_gradient(padded, d_output, kernel.shape[-1], dilation).unsqueeze(2)
        if ctx.has_bias:
            d_bias = d_output.sum((0, 1))
        return d_image, d_kernel, d_bias, None, None


def _kernel_gradient(x: Tensor, d_output: Tensor, window: int, dilation: int) -> Tensor:
    """Return the gradient of a kernel: the sum of the products of windows and output gradients.

    Shapes: padded x (batch, length, channels), d_output (batch, positions, filters) ->
        (filters, channels, window).
    """
    is_short = dilation == 1 and x.shape[1] <= _MAX_LENGTH_RATIO * d_output.shape[1]
    if is_short:
        gradient = _kernel_gradient_by_views(x, d_output, window)
    else:
        gradient = _kernel_gradient_by_copies(x, d_output, window, dilation)
    return gradient.t().contiguous().view(d_output.shape[2], window, x.shape[2]).mT


def _kernel_gradient_by_views(x: Tensor, d_output: Tensor, window: int) -> Tensor:
    """Return the gradient of a kernel without copies of the windows.

    Shapes: x (batch, length, channels), d_output (batch, positions, filters) ->
        (window * channels, filters).

    Why: in memory, adjacent windows that don't overlap are already the rows of a matrix. So the
        windows that start at an offset o < window, at o + window, and so on, in all sequences, are
        one view, and need one matrix product. Some windows of a view extend from one sequence into
        the next; their output gradient is zero.
    """
    (batch, length, channels), (_, positions, filters) = x.shape, d_output.shape
    # With one row per input step, gradients have the same indices as windows.
    d_steps = d_output
    if length > positions:
        d_steps = _zero_padded(d_output, 0, length - positions)
    d_steps = d_steps.view(-1, filters)
    flat, size = x.view(-1), window * channels
    gradient = x.new_zeros(size, filters)
    for offset in range(window):
        count, start = (batch * length - offset) // window, offset * channels
        windows = flat[start : start + count * size].view(count, size)
        gradient.addmm_(windows.t(), d_steps[offset::window][:count])
    return gradient


def _kernel_gradient_by_copies(x: Tensor, d_output: Tensor, window: int, dilation: int) -> Tensor:
    """Return the gradient of a kernel by im2col.

    Shapes: x (batch, length, channels), d_output (batch, positions, filters) ->
        (window * channels, filters).
    Why: many windows at a time are copied to a matrix. One large matrix product comes closer to the
        processor's peak performance than many small ones.
    """
    (batch, positions, filters), channels = d_output.shape, x.shape[2]
    gradient = x.new_zeros(window * channels, filters)
    windows_view = x.unfold(1, dilation * (window - 1) + 1, 1)[..., ::dilation].mT  # no copy yet
    for rows, span in _blocks(batch, positions, window * channels):
        windows = windows_view[rows, span].reshape(-1, window * channels)
        gradient.addmm_(windows.t(), d_output[rows, span].reshape(-1, filters))
    return gradient


def _image_gradient(
    d_output: Tensor, image: Tensor, kernel: Tensor, padding: int, dilation: int
) -> Tensor:
    """Return the gradient of images, computed by the fastest method for their size.

    Shapes: d_output (batch, positions, filters), image (batch, channels, 1, length), kernel
        (filters, channels, 1, window) -> (batch, channels, 1, length).
    """
    positions, length = d_output.shape[1], image.shape[3]
    end_padding = dilation * (kernel.shape[3] - 1) - padding
    has_many_channels = min(kernel.shape[:2]) >= _MIN_CHANNELS
    if has_many_channels and length > _MAX_LENGTH_RATIO * positions:
        gradient = _sequence_gradient(d_output, kernel.squeeze(2), length + 2 * padding, dilation)
        return gradient[:, padding : padding + length].mT.unsqueeze(2)
    has_short_ends = 0 < end_padding <= positions / _MIN_POSITIONS_PER_END
    if has_many_channels and positions <= _MAX_POSITIONS and has_short_ends:
        return _transposed_convolution(d_output, kernel, end_padding, dilation)
    gradients: list[Tensor] = torch.ops.aten.convolution_backward(
        d_output.mT.unsqueeze(2), image, kernel, None, (1, 1), (0, padding), (1, dilation), False,
        (0, 0), 1, (True, False, False),
    )  # fmt: skip
    return gradients[0]


def _sequence_gradient(d_output: Tensor, kernel: Tensor, length: int, dilation: int) -> Tensor:
    """Return the gradient of padded sequences, by col2im.

    1. Multiply the output gradient by the kernel matrix, which yields the gradient of each window.
    2. Add the gradients of overlapping windows.

    Shapes: d_output (batch, positions, filters), kernel (filters, channels, window) ->
        (batch, length, channels), where length includes the padding.
    """
    (batch, positions, _), (filters, channels, window) = d_output.shape, kernel.shape
    gradient, matrix = d_output.new_zeros(batch, length, channels), kernel.mT.reshape(filters, -1)
    for rows, span in _blocks(batch, positions, window * channels):
        d_block = d_output[rows, span]
        d_windows = (d_block @ matrix).view(*d_block.shape[:2], window, channels)
        for tap in range(window):
            start = span.start + tap * dilation
            gradient[rows, start : start + d_block.shape[1]].add_(d_windows[:, :, tap])
    return gradient


def _transposed_convolution(
    d_output: Tensor, kernel: Tensor, end_padding: int, dilation: int
) -> Tensor:
    """Return the input gradient: the padded output gradient, convolved with the reversed kernel.

    Shapes: d_output (batch, positions, filters), kernel (filters, channels, 1, window) ->
        (batch, channels, 1, length).
    Why: `end_padding` zeros at each end of a sequence keep windows inside the padded sequence.
        This takes up to a fifth less time than oneDNN's gradient, whose windows cross the ends.
    """
    padded = _zero_padded(d_output, end_padding, end_padding).mT.unsqueeze(2)
    reversed_kernel = kernel.flip(3).transpose(0, 1)
    reversed_kernel = reversed_kernel.contiguous(memory_format=torch.channels_last)
    return functional.conv2d(padded, reversed_kernel, dilation=(1, dilation))


def _zero_padded(d_output: Tensor, before: int, after: int) -> Tensor:
    """Return an output gradient with zeros before and after each sequence.

    Shapes: d_output (batch, positions, filters) -> (batch, before + positions + after, filters).
    Why: `functional.pad` fills the entire result with zeros. Here, only the padding is filled.
    """
    batch, positions, filters = d_output.shape
    padded = d_output.new_empty(batch, before + positions + after, filters)
    padded[:, :before].zero_()
    padded[:, before : before + positions].copy_(d_output)
    padded[:, before + positions :].zero_()
    return padded


def _blocks(batch: int, positions: int, size: int) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of windows, each as a slice of the batch rows and a slice of the positions.

    A window has `size` elements. A block has at most _MAX_ELEMENTS elements, or is one window.
    """
    row_count = max(1, _MAX_ELEMENTS // (positions * size))
    position_count = min(positions, max(1, _MAX_ELEMENTS // size))
    for row in range(0, batch, row_count):
        for position in range(0, positions, position_count):
            yield slice(row, row + row_count), slice(position, position + position_count)
