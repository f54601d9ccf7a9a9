"""The type of numpy arrays in annotations, and the size of their numbers."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]  # of any dtype and shape
MAX_NUMBER = 1e150  # squares of larger numbers may overflow, so they are read as infinite ones
