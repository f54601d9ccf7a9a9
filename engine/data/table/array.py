"""The type of numpy arrays in annotations."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]  # of any dtype and shape
