"""What is done with the stand-ins comes out as source that does the same with numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compile.recorder import RecordedExpression, RecordedModules, to_source

numbers = st.integers(1, 9)


def value(source, **names):
    return eval(source, {}, names)


@given(
    st.recursive(
        st.sampled_from(["a", "b", 2, 3]),
        lambda inner: st.tuples(st.sampled_from("+-*"), inner, inner),
        max_leaves=12,
    ),
    numbers,
    numbers,
)
def test_nested_arithmetic_keeps_its_value(tree, a, b):
    def build(tree, leaves):
        if not isinstance(tree, tuple):
            return leaves.get(tree, tree)
        sign, left, right = tree
        left, right = build(left, leaves), build(right, leaves)
        return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[
            sign
        ]()

    written = build(tree, {"a": RecordedExpression("a"), "b": RecordedExpression("b")})
    assert value(to_source(written), a=a, b=b) == build(tree, {"a": a, "b": b})


def test_calls_attributes_and_indexing_read_as_written():
    x, conv = RecordedExpression("x"), RecordedExpression("self.conv")
    assert to_source(conv(x.mT).mT) == "self.conv(x.mT).mT"
    assert to_source((x + 1)[:, -1, ..., None]) == "(x + 1)[:, -1, ..., None]"
    assert to_source(x[:, 1::2]) == "x[:, 1::2]"
    assert to_source(2 / -x) == "2 / (-x)"
    assert to_source(~(x != 0)) == "~(x != 0)"
    assert to_source(RecordedExpression("torch").clamp(x, min=0.5, dims=(1,))) == (
        "torch.clamp(x, min=0.5, dims=(1,))"
    )


def test_modules_of_our_own_are_remembered_and_lose_their_prefix():
    nn = RecordedModules(frozenset({"SamePad"}))
    assert to_source(nn.Sequential(nn.SamePad(5), nn.Conv1d(4, 8, 5))) == (
        "nn.Sequential(SamePad(5), nn.Conv1d(4, 8, 5))"
    )
    assert nn.used == ["SamePad"]


def test_a_layer_that_branches_on_a_value_is_found_out():
    with pytest.raises(TypeError, match="branches"):
        bool(RecordedExpression("x") > 0)
    with pytest.raises(TypeError, match="unpacks"):
        list(RecordedExpression("x"))


def test_only_plain_values_can_be_written():
    assert to_source(float("inf")) == 'float("inf")'
    assert to_source({"a": [1, (2,)]}) == '{"a": [1, (2,)]}'
    with pytest.raises(TypeError, match="object"):
        to_source(object())
