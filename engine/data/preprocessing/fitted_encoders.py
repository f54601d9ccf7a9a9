"""The fitted encoders of a run, saved in its run.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import Field

from engine.core.diagnostic import Refused
from engine.core.files.atomic_write import shown
from engine.core.schema import Schema
from engine.data.encoders import Encoder, EncoderField
from engine.recipe.data_mapping import Side
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN


class Fitted(Schema):
    """The fitted encoders and class weights; `params()` returns them as JSON."""

    inputs: dict[str, EncoderField] = Field({}, description="The encoders, by Input.")
    targets: dict[str, EncoderField] = Field({}, description="The encoders, by Output.")
    class_weights: dict[str, tuple[float, ...]] = Field(
        {}, description="The balanced class weights, by Output."
    )

    def side(self, side: Side) -> Mapping[str, Encoder]:
        """Return the encoders of the inputs or of the targets."""
        return self.inputs if side == "inputs" else self.targets


def fitted_of(run: RunFolder) -> Fitted:
    """Return the fitted encoders of a run.

    Raises:
        DiagnosticError: if they are invalid.
    """
    fitted = Fitted.problems(run.run.get("fitted", {}))
    if isinstance(fitted, list):
        raise Refused(*(replace(problem, place=shown(run.path / RUN)) for problem in fitted))
    return fitted
