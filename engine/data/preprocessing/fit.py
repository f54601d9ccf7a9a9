"""Fits the encoder of one port, on the training rows of a whole table or of chunks of one.

How columns are encoded is asked by the mapping; where it leaves that open, the first chunk decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Beside, Encoder, Fitter, Wanted, fitter
from engine.data.encoding_choice import errors
from engine.data.encoding_choice.default_from_rows import for_input, for_target
from engine.data.ports.port_columns import Reading, kind_of
from engine.data.ports.target_spec import TargetPort
from engine.data.preprocessing.prepared_columns import Array, Ready, training_rows
from engine.data.preprocessing.reshape import input_shape, target_shape
from engine.recipe.data_mapping import Side
from engine.recipe.encoding import Encoding, Number


def fit_input(readings: Iterable[Reading], port: str, spec: TensorSpec) -> Encoder | None:
    """Return the encoder of an Input, None if its numbers stay as they are.

    Args:
        readings: of the whole table, or of its chunks one after another.
        port: the Input.
        spec: what it takes.

    Raises:
        Refused: with what keeps the columns from feeding it.
    """
    fitting: InputFitting | None = None
    for reading in readings:
        fitting = fitting or InputFitting(reading, port, spec)
        fitting.add(reading)
    assert fitting is not None, "a table has at least one chunk"
    return fitting.done(reading)


def fit_target(readings: Iterable[Reading], port: TargetPort) -> Encoder | None:
    """Return the encoder of an Output's target, None if its numbers stay as they are.

    Args:
        readings: of the whole table, or of its chunks one after another.
        port: what the Output expects.

    Raises:
        Refused: with what keeps the columns from being compared with predictions.
    """
    fitting: TargetFitting | None = None
    for reading in readings:
        fitting = fitting or TargetFitting(reading, port)
        fitting.add(reading)
    assert fitting is not None, "a table has at least one chunk"
    return fitting.done(reading)


class PortFitting(ABC):
    """Fits one port, a chunk at a time."""

    side: Side
    port: str
    _fitting: _Fitting

    @property
    def needed(self) -> bool:
        """False if the port's numbers stay as they are, so that no chunk has to be looked at."""
        return self._fitting.needed

    def add(self, reading: Reading) -> None:
        """Take the next rows in.

        Raises:
            Refused: if a column can't be read so.
        """
        if not self.needed:
            return
        columns = reading.columns(self.port, self.side)
        ready = Ready.of(reading, self.port, columns, self._fitting.kinds)
        if self._fitting.together:
            self._fitting.add_numbers(self._shaped(ready.stacked(self.port)), reading)
        else:
            with errors.mended(reading, self.side, self.port):
                self._fitting.add(ready)

    @abstractmethod
    def _shaped(self, stacked: Array) -> Array:
        """Return numbers in the port's shape."""

    def done(self, reading: Reading) -> Encoder | None:
        """Return the encoder of all rows so far; `reading` is of some of them.

        Raises:
            Refused: if there is none for such rows.
        """
        with errors.mended(reading, self.side, self.port):
            return self._fitting.done()


class InputFitting(PortFitting):
    """Fits an Input; arguments as for `fit_input`, the reading being of the first rows."""

    side = "inputs"

    def __init__(self, reading: Reading, port: str, spec: TensorSpec) -> None:
        self.port, self._spec = port, spec
        columns = reading.columns(port, "inputs")
        asked = for_input(reading, columns, spec)
        errors.check_input(reading, port, asked, spec)
        wanted = Wanted(spec.dtype == "float32", reading.source.labels or (), spec.shape)
        with errors.mended(reading, "inputs", port):
            self._fitting = _Fitting(asked, wanted)

    def _shaped(self, stacked: Array) -> Array:
        return input_shape(self.port, stacked, self._spec.shape)


class TargetFitting(PortFitting):
    """Fits a target; arguments as for `fit_target`, the reading being of the first rows."""

    side = "targets"

    def __init__(self, reading: Reading, port: TargetPort) -> None:
        self.port, self._target = port.name, port
        columns = reading.columns(port.name, "targets")
        labels = errors.labels_of(reading, port)
        asked = for_target(reading, columns, port)
        errors.check_target(reading, port, asked)
        with errors.mended(reading, "targets", port.name, port):
            self._fitting = _Fitting(asked, Wanted(port.hot, labels, port.shape))

    def _shaped(self, stacked: Array) -> Array:
        return target_shape(self._target, stacked)

    def done(self, reading: Reading) -> Encoder | None:
        """Return the encoder of all rows so far; `reading` is of some of them.

        Raises:
            Refused: if there is none for such rows, or one of other classes than the output's.
        """
        encoder = super().done(reading)
        if encoder is not None:
            errors.check_classes(reading, self._target, encoder)
        return encoder


class _Fitting:
    """The fitters of a port's columns, or one for numbers that are all scaled alike."""

    def __init__(self, asked: Sequence[Encoding], wanted: Wanted) -> None:
        self.kinds = [kind_of(each) for each in asked]
        self.together = set(self.kinds) == {"number"} and len(set(asked)) == 1
        self.needed = not self.together or asked[0] != Number()
        if len(asked) > 1:  # then the port's shape is that of all together
            wanted = Wanted(wanted.hot, wanted.labels)
        self._fitters: list[Fitter] = [
            fitter(each, wanted) for each in (asked[:1] if self.together else asked)
        ]

    def add_numbers(self, shaped: Array, reading: Reading) -> None:
        self._fitters[0].add(training_rows(shaped, reading))

    def add(self, ready: Ready) -> None:
        for fitting, column in zip(self._fitters, ready.training(), strict=True):
            fitting.add(column)

    def done(self) -> Encoder | None:
        if not self.needed:
            return None
        parts = tuple(each.done() for each in self._fitters)
        return parts[0] if len(parts) == 1 else Beside(parts=parts)
