"""Free axes stay exact through any chain of windows, and the least length is the true one."""

from hypothesis import given
from hypothesis import strategies as st

from engine.core.tensor_spec import Length, TensorSpec, mapped, merged, window

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
    free = Length("posts")
    for step in chain:
        free = free.through(*step)
    assert [free.size(n) for n in range(1, 80)] == [naive(chain, n)[0] for n in range(1, 80)]


@given(st.lists(steps, max_size=5))
def test_least_is_the_smallest_length_that_keeps_every_axis_alive(chain):
    free = Length("posts")
    for step in chain:
        free = free.through(*step)
    assert naive(chain, free.least)[1]
    assert free.least == 1 or not naive(chain, free.least - 1)[1]


@given(st.lists(steps, max_size=5), st.integers(1, 50))
def test_needed_is_the_smallest_length_that_gives_a_size(chain, size):
    free = Length("posts")
    for step in chain:
        free = free.through(*step)
    least = free.needed(size)
    assert free.size(least) >= size
    assert least == 1 or free.size(least - 1) < size


def test_the_notebooks_longer_stack_needs_269_steps():
    axis = Length("posts")
    for kernel, stride in [(5, 1), (5, 5), (5, 1), (5, 1), (5, 5), (5, 1), (5, 1)]:
        axis = window(axis, kernel, stride)
    assert axis.least == 269
    assert axis.size(269) == 1
    assert axis.size(268) == 0


def test_a_window_with_padding_same_keeps_the_axis():
    axis = Length("posts")
    assert window(axis, 5, padding="same") == axis
    assert window(7, 3, stride=2, padding="same") == 4


def test_branches_of_one_form_are_equal_and_the_larger_least_holds():
    axis = Length("posts")
    narrow = mapped(window(axis, 3), add=2)
    assert narrow == axis
    assert merged((narrow, axis)).least == 3
    assert merged((axis, window(axis, 3))) is None
    assert merged((axis, Length("other"))) is None


def test_shapes_read_as_people_write_them():
    spec = TensorSpec((window(Length("posts"), 5, 5), 128))
    assert str(spec) == "(batch, posts // 5, 128)"
    assert spec.plain() == [None, None, 128]
    assert str(window(Length("photo", 1), 3)) == "photo.1 - 2"
