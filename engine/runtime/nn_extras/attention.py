"""Keras' attention layers, with masks combined as in Keras."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.runtime.nn_extras.noise import SharedDropout


def _attention_mask(
    query: Tensor,
    value: Tensor,
    masks: tuple[Tensor | None, Tensor | None, Tensor | None],
    causal: bool,
    window: int | None,
) -> Tensor | None:
    """Return the attention mask, which is True where a query step may attend to a value step.

    The result is None if every query step may attend to every value step.

    Args:
        query, value: tensors of shape (batch, steps, features).
        masks: masks of query, value and key of shape (batch, steps); None if nothing is masked.
        causal: whether steps later than the query step are masked.
        window: steps at this distance or farther are masked; None for no limit.
    """
    of_query, of_value, of_key = masks
    rules = [] if of_query is None else [of_query.unsqueeze(-1)]
    rules += [mask.unsqueeze(-2) for mask in (of_value, of_key) if mask is not None]
    if causal or window is not None:
        rows = torch.arange(query.shape[1], device=query.device).unsqueeze(-1)
        offset = torch.arange(value.shape[1], device=query.device) - rows
        rules += [(offset <= 0).unsqueeze(0)] if causal else []
        rules += [(offset.abs() < window).unsqueeze(0)] if window is not None else []
    allowed = None
    for rule in rules:
        allowed = rule if allowed is None else allowed & rule
    return allowed


def _fused(query: Tensor, key: Tensor, value: Tensor, allowed: Tensor) -> Tensor:
    """Return the attention output of torch's fused kernel; `allowed` is True for unmasked scores.

    Why: as in Keras, masked scores get a finite bias. So if all steps are masked, the attention
        weights are equal instead of NaN.
    """
    masked_bias = 0.7 * torch.finfo(query.dtype).min
    bias = (
        torch.zeros_like(allowed, dtype=query.dtype).masked_fill(~allowed, masked_bias).unsqueeze(1)
    )
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)


class MultiHeadAttention(nn.Module):
    """Keras' MultiHeadAttention over one axis of time steps.

    As in Keras, a query step for which all value steps are masked gets the mean of all values, or
    zero if the layer has dropout.

    Shapes: query (batch, t, query_size), value (batch, s, value_size), key (batch, s, key_size);
        masks (batch, t), (batch, s), (batch, s) -> (batch, t, *output_shape).
    Source: keras.layers.MultiHeadAttention; Vaswani et al. 2017, arXiv:1706.03762;
        `use_gate`, where a learned gate scales the attention output: arXiv:2505.06708.
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        output_shape: tuple[int, ...],
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        use_causal_mask: bool = False,
    ) -> None:
        super().__init__()
        query_size, value_size, key_size = sizes
        keys, values = num_heads * key_dim, num_heads * (value_dim or key_dim)
        outputs = int(torch.Size(output_shape).numel())
        self.query = nn.Linear(query_size, keys, bias=use_bias)
        self.key = nn.Linear(key_size, keys, bias=use_bias)
        self.gate = nn.Linear(query_size, values, bias=use_bias) if use_gate else None
        self.opening = nn.Sigmoid()
        self.value = nn.Linear(value_size, values, bias=use_bias)
        self.attention_output = nn.Linear(values, outputs, bias=use_bias)
        self.output_shape = output_shape
        self.num_heads = num_heads
        self.drop = SharedDropout(dropout, seed=seed)
        self.sliding_window = sliding_window
        self.use_causal_mask = use_causal_mask

    def forward(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
    ) -> Tensor:
        """Return, for each query step, the results of all heads projected to `output_shape`."""
        heads = (
            self._heads(self.query(query)),
            self._heads(self.key(value if key is None else key)),
            self._heads(self.value(value)),
        )
        attended = self._attend(query, value, heads, (query_mask, value_mask, key_mask))
        attended = attended.transpose(1, 2).flatten(2)
        if self.gate is not None:
            attended = attended * self.opening(self.gate(query))
        output: Tensor = self.attention_output(attended)
        return output.reshape(*output.shape[:-1], *self.output_shape)

    def _heads(self, x: Tensor) -> Tensor:
        """Split (batch, steps, heads * size) into (batch, heads, steps, size)."""
        return x.reshape(*x.shape[:-1], self.num_heads, -1).transpose(1, 2)

    def _attend(
        self,
        query: Tensor,
        value: Tensor,
        heads: tuple[Tensor, Tensor, Tensor],
        masks: tuple[Tensor | None, Tensor | None, Tensor | None],
    ) -> Tensor:
        is_unmasked = self.sliding_window is None and all(mask is None for mask in masks)
        if is_unmasked and not self.drop.rate:  # `is_causal` needs no (t, s) mask
            causal = self.use_causal_mask
            return functional.scaled_dot_product_attention(*heads, is_causal=causal)
        allowed = _attention_mask(query, value, masks, self.use_causal_mask, self.sliding_window)
        if self.drop.rate:
            return self._attend_with_dropout(*heads, allowed)
        assert allowed is not None
        return _fused(*heads, allowed)

    def _attend_with_dropout(
        self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor | None
    ) -> Tensor:
        scores = (query / query.shape[-1] ** 0.5) @ key.transpose(-2, -1)
        if allowed is None:
            weights = torch.softmax(scores, -1)
        else:
            is_masked = ~allowed.unsqueeze(1)
            scores = scores.masked_fill(is_masked, 0.7 * torch.finfo(scores.dtype).min)
            weights = torch.softmax(scores, -1).masked_fill(is_masked, 0.0)
        attended: Tensor = self.drop(weights) @ value
        return attended


class Attention(nn.Module):
    """Keras' Attention: the mean of the values, weighted by the softmax of query-key scores.

    Shapes: query (batch, t, size), value (batch, s, out), key (batch, s, size), query mask
        (batch, t), value mask (batch, s) -> (batch, t, out).
    Source: keras.layers.Attention; "dot": Luong et al. 2015, arXiv:1508.04025; "concat": after
        Bahdanau et al. 2014, arXiv:1409.0473.
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        use_causal_mask: bool = False,
    ) -> None:
        super().__init__()
        concat = score_mode == "concat"
        self.scale = nn.Parameter(torch.ones(())) if use_scale else None
        self.concat_score_weight = nn.Parameter(torch.ones(())) if concat else None
        self.drop = SharedDropout(dropout, seed=seed)
        self.use_causal_mask = use_causal_mask

    def forward(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
    ) -> Tensor:
        """Return the weighted mean of the values for each query step; 0 for a masked query step."""
        scores = self._scores(query, value if key is None else key)
        masks = (None, value_mask, None)
        allowed = _attention_mask(query, value, masks, self.use_causal_mask, None)
        if allowed is not None:
            # Keras' constants, so that rows whose steps are all masked give the same as in Keras.
            penalty = 65504.0 if scores.dtype == torch.float16 else 1e9
            scores = torch.where(allowed, scores, scores - penalty)
        weights = torch.softmax(scores, -1)
        output: Tensor = self.drop(weights) @ value
        return output if query_mask is None else output.masked_fill(~query_mask.unsqueeze(-1), 0.0)

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        if self.concat_score_weight is None:
            scores = query @ key.transpose(-2, -1)
            return scores if self.scale is None else scores * self.scale
        pairs = query.unsqueeze(-2) + key.unsqueeze(-3)
        pairs = pairs if self.scale is None else pairs * self.scale
        return self.concat_score_weight * torch.tanh(pairs).sum(-1)
