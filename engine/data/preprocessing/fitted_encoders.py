"""The fitted encoders of a run, saved in its run.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import Field

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import printable_path
from engine.core.schema import Schema
from engine.data.encoders import Encoder, EncoderField
from engine.recipe.data_mapping import PortSide
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN_FILE


class FittedEncoders(Schema):
    """The fitted encoders and class weights of a run; `params()` returns them as JSON."""

    inputs: dict[str, EncoderField] = Field({}, description="The encoders, by Input.")
    targets: dict[str, EncoderField] = Field({}, description="The encoders, by Output.")
    class_weights: dict[str, tuple[float, ...]] = Field(
        {}, description="The balanced class weights, by Output."
    )

    def encoders(self, side: PortSide) -> Mapping[str, Encoder]:
        """Return the encoders of the inputs or of the targets."""
        return self.inputs if side == "inputs" else self.targets


def load_fitted_encoders(run: RunFolder) -> FittedEncoders:
    """Return the fitted encoders of a run.

    Raises:
        DiagnosticError: if the stored encoders are invalid.
    """
    fitted = FittedEncoders.try_from_params(run.record.get("fitted", {}))
    if isinstance(fitted, list):
        place = printable_path(run.path / RUN_FILE)
        raise DiagnosticError(*(replace(problem, place=place) for problem in fitted))
    return fitted
