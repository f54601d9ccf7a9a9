"""The encoders of a run, which travel with it."""

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
    """All that was fitted; `params()` is plain JSON, `Fitted.read` takes it back."""

    inputs: dict[str, EncoderField] = Field({}, description="By Input.")
    targets: dict[str, EncoderField] = Field({}, description="By Output.")
    class_weights: dict[str, tuple[float, ...]] = Field(
        {}, description="Of the Outputs whose classes are balanced, a weight for each."
    )

    def side(self, side: Side) -> Mapping[str, Encoder]:
        """Return the encoders of one side."""
        return self.inputs if side == "inputs" else self.targets


def fitted_of(run: RunFolder) -> Fitted:
    """Return the encoders that travel with a run.

    Raises:
        Refused: if they can't be understood.
    """
    found = Fitted.problems(run.run.get("fitted", {}))
    if isinstance(found, list):
        raise Refused(*(replace(each, place=shown(run.path / RUN)) for each in found))
    return found
