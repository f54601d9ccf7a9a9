"""Fits the encoder of one port, on the training rows of a whole table or of chunks of one.

How columns are encoded is asked by the mapping; where it leaves that open, the first chunk decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.spec import TensorSpec
from engine.data import unfit
from engine.data.encoders import Beside, Encoder, Fitter, Wanted, fitter
from engine.data.implied import for_input, for_target
from engine.data.ports import TargetPort
from engine.data.reading import Reading, kind_of
from engine.data.ready import Array, Ready, training_rows
from engine.data.shaping import input_shape, target_shape
from engine.recipe.encoding import Encoding, Number
from engine.recipe.mapping import Side


def fit_input(readings: Iterable[Reading], port: str, spec: TensorSpec) -> Encoder | None:
    """Answer the encoder of an Input, None if its numbers stay as they are.

    Args:
        readings: of the whole table, or of its chunks one after another.
        port: the Input.
        spec: what it takes.

    Raises:
        Refused: with what keeps the columns from feeding it.
    """
    fitting: _Fitting | None = None
    for reading in readings:
        columns = reading.columns(port, "inputs")
        if fitting is None:
            asked = for_input(reading, columns, spec)
            unfit.check_input(reading, port, asked, spec)
            wanted = Wanted(spec.dtype == "float32", reading.source.labels or (), spec.shape)
            with unfit.mended(reading, "inputs", port):
                fitting = _Fitting(asked, wanted)
        if fitting.needed:
            ready = Ready.of(reading, port, columns, fitting.kinds)
            if fitting.together:
                fitting.add_numbers(input_shape(port, ready.stacked(port), spec.shape), reading)
            else:
                with unfit.mended(reading, "inputs", port):
                    fitting.add(ready)
    return _done(fitting, reading, "inputs", port)


def fit_target(readings: Iterable[Reading], port: TargetPort) -> Encoder | None:
    """Answer the encoder of an Output's target, None if its numbers stay as they are.

    Args:
        readings: of the whole table, or of its chunks one after another.
        port: what the Output expects.

    Raises:
        Refused: with what keeps the columns from being compared with predictions.
    """
    fitting: _Fitting | None = None
    for reading in readings:
        columns = reading.columns(port.name, "targets")
        if fitting is None:
            labels = unfit.labels_of(reading, port)
            asked = for_target(reading, columns, port)
            unfit.check_target(reading, port, asked)
            with unfit.mended(reading, "targets", port.name):
                fitting = _Fitting(asked, Wanted(port.hot, labels, port.shape))
        if fitting.needed:
            ready = Ready.of(reading, port.name, columns, fitting.kinds)
            if fitting.together:
                fitting.add_numbers(target_shape(port, ready.stacked(port.name)), reading)
            else:
                with unfit.mended(reading, "targets", port.name):
                    fitting.add(ready)
    encoder = _done(fitting, reading, "targets", port.name)
    if encoder is not None:
        unfit.check_classes(reading, port, encoder)
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


def _done(fitting: _Fitting | None, reading: Reading, side: Side, port: str) -> Encoder | None:
    assert fitting is not None, "a table has at least one chunk"
    with unfit.mended(reading, side, port):
        return fitting.done()
