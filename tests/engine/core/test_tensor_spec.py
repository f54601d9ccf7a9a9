"""Free axes stay exact through any chain of windows, and the least length is the true one."""

from hypothesis import given
from hypothesis import strategies as st

from engine.core.tensor_spec import (
    DynamicLength,
    TensorSpec,
    map_dim,
    merge_dims,
    window_output_size,
)

steps = st.tuples(st.integers(1, 3), st.integers(-6, 6), st.integers(1, 4))


def naive(chain, length):
    """Return the final size and whether every size on the way is at least 1."""
    fits = length >= 1
    for multiply, add, divide in chain:
        length = (length * multiply + add) // divide
        fits = fits and length >= 1
    return length, fits


@given(st.lists(steps, max_size=6))
def test_folded_steps_give_the_sizes_of_the_unfolded_ones(chain):
    free = DynamicLength("posts")
    for step in chain:
        free = free.with_step(*step)
    assert [free.size_for(n) for n in range(1, 80)] == [naive(chain, n)[0] for n in range(1, 80)]


@given(st.lists(steps, max_size=5))
def test_least_is_the_smallest_length_that_keeps_every_axis_alive(chain):
    free = DynamicLength("posts")
    for step in chain:
        free = free.with_step(*step)
    assert naive(chain, free.minimum_length)[1]
    assert free.minimum_length == 1 or not naive(chain, free.minimum_length - 1)[1]


@given(st.lists(steps, max_size=5), st.integers(1, 50))
def test_needed_is_the_smallest_length_that_gives_a_size(chain, size):
    free = DynamicLength("posts")
    for step in chain:
        free = free.with_step(*step)
    least = free.required_length(size)
    assert free.size_for(least) >= size
    assert least == 1 or free.size_for(least - 1) < size


def test_the_notebooks_longer_stack_needs_269_steps():
    axis = DynamicLength("posts")
    for kernel, stride in [(5, 1), (5, 5), (5, 1), (5, 1), (5, 5), (5, 1), (5, 1)]:
        axis = window_output_size(axis, kernel, stride)
    assert axis.minimum_length == 269
    assert axis.size_for(269) == 1
    assert axis.size_for(268) == 0


def test_a_window_with_padding_same_keeps_the_axis():
    axis = DynamicLength("posts")
    assert window_output_size(axis, 5, padding="same") == axis
    assert window_output_size(7, 3, stride=2, padding="same") == 4


def test_branches_of_one_form_are_equal_and_the_larger_least_holds():
    axis = DynamicLength("posts")
    narrow = map_dim(window_output_size(axis, 3), add=2)
    assert narrow == axis
    assert merge_dims((narrow, axis)).minimum_length == 3
    assert merge_dims((axis, window_output_size(axis, 3))) is None
    assert merge_dims((axis, DynamicLength("other"))) is None


def test_shapes_read_as_people_write_them():
    spec = TensorSpec((window_output_size(DynamicLength("posts"), 5, 5), 128))
    assert str(spec) == "(batch, posts // 5, 128)"
    assert spec.keras_shape() == [None, None, 128]
    assert str(window_output_size(DynamicLength("photo", 1), 3)) == "photo.1 - 2"
