"""Model: a network written in Python as with Keras, trained by the loop of `engine train`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.check.report import score_names
from engine.core.diagnostic import Diagnostic, Refused
from engine.core.symbolic.argument_binding import plain, whole
from engine.core.symbolic.call_site import names_the_line
from engine.core.tensor_spec import TensorSpec
from engine.functional.model.graph_model import Drawn
from engine.functional.state.model_state import recipe_of
from engine.functional.training.compile_arguments import Asked, instructed, told
from engine.functional.training.early_stopping import require_held_back, stopping
from engine.functional.training.metrics import fitting, for_all

if TYPE_CHECKING:
    from engine.functional.training.evaluation_result import Score, Scores
    from engine.functional.training.history import History


# What fit does if neither the call nor a file says.
_KERAS = {"epochs": 1, "batch_size": 32, "validation_split": 0.0}


class Model(Drawn):
    """A network from inputs to outputs, which can be trained and called as a layer.

    Args:
        inputs, outputs: a tensor, a list of tensors, or a dict of them by name.
        name: what it is called in tables, and put before its layers' names where it is a layer.

    Raises:
        RefusedAt: with everything that is wrong with the network.
    """

    @names_the_line
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        *,
        standardize: Any = (),
        units: Any = None,
        labels: Any = None,
        missing: Any = None,
        **recipe: Any,
    ) -> None:
        """Say what is trained and how. Weights stay, what an optimizer has learned is forgotten.

        Args:
            optimizer: a name, or one of `engine.optimizers`.
            loss: one for all outputs, a list in their order, or a dict by name.
            loss_weights: likewise; factors in the total.
            metrics: likewise, where each output may have several.
            standardize: outputs that are trained on (value - mean) / deviation of the targets.
            units: of the numbers that outputs predict, for reports.
            labels: names of the classes that outputs tell apart, in order.
            missing: "mask" lets rows without a target (NaN) count for the other outputs only;
                "error" refuses them.
            recipe: further fields of a recipe: schedule, seed, precision, device, accumulate.

        Raises:
            RefusedAt: with everything that does not fit.
        """
        self._take(
            Asked(
                optimizer, loss, loss_weights, metrics, standardize, units, labels, missing, recipe
            )
        )

    def _take(self, asked: Asked) -> None:
        """Take over what compile was told."""
        outputs = self.output_names
        params = told(outputs, asked)
        notes: list[Diagnostic] = []
        if for_all(outputs, asked.metrics):
            params, notes = fitting(params, self._specs())
        self._state.compile(instructed(self.project, outputs, params, asked))
        self._state.tell(notes)

    def _meet(self, x: Any) -> None:
        """See the rows that come in; a chain without an Input takes its shape from them."""

    def _specs(self) -> dict[str, TensorSpec]:
        shapes = self._state.report.shapes
        return {name: shapes.outs[name][""] for name in self.output_names}

    @names_the_line
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        verbose: Any = "auto",
        *,
        validation_split: float | None = None,
        validation_data: Any = None,
        shuffle: bool | None = None,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        patience: int | None = None,
        monitor: Any = "loss",
        min_delta: float = 0.0,
        restore_best_weights: bool = True,
    ) -> History:
        """Train, on from where the last `fit` ended.

        Args:
            x, y: an array, a list in the order of inputs or outputs, or a dict by name.
            batch_size, epochs: 32 and 1, if no file that the model was opened from says otherwise.
            verbose: 0 is silent.
            validation_split: share of the rows, the last ones, that is held back; none, likewise.
            validation_data: (x, y) or (x, y, sample_weight) to validate on.
            shuffle: take the rows in a new order every epoch; yes, likewise.
            class_weight: a weight for each class, or a dict of such dicts by output.
            sample_weight: a weight for each row; one array for all outputs, a list or a dict.
            initial_epoch: the number of the first epoch; `epochs` is that of the last one.
            patience: stop after so many epochs without a better score; None never stops.
            monitor: the score that patience watches, "loss", "val_age_mae" or "age/mae"; always
                that of the validation rows where there are any.
            min_delta: least gain that counts as better.
            restore_best_weights: end with the weights of the best epoch, if patience is given.

        Raises:
            RefusedAt: for what is wrong with the rows, before the first step.
        """
        from engine.functional.training.fit import Wish, train

        self._meet(x)
        self._state.require_compiled()
        said = self._said(
            epochs=epochs, batch_size=batch_size, shuffle=shuffle, validation_split=validation_split
        )
        if patience is not None:
            if validation_data is None and not said["validation_split"]:
                require_held_back(str(monitor))
            watched = self._watched(str(monitor))
            said["stopping"] = stopping(patience, watched, min_delta, restore_best_weights)
        project = replace(self.project, recipe=said)
        recipe = recipe_of(project)
        unseen = recipe.unknown_scores(score_names(self._state.report.heads))
        if unseen:
            raise Refused(*unseen)
        first = whole(initial_epoch, "initial_epoch", 0)
        wish = Wish(x, y, validation_data, sample_weight, class_weight, first, bool(verbose))
        history = train(self._state, recipe, wish)
        self._state.project = project
        return history

    def _said(self, **asked: Any) -> dict[str, Any]:
        """Return the recipe that a call asks for: its own words, else the file's, else Keras'."""
        own = {name: plain(value, name) for name, value in asked.items() if value is not None}
        return {**_KERAS, **self._state.report.project.recipe, **own}

    def _watched(self, monitor: str) -> str:
        """Return the engine's name of a score that patience watches."""
        from engine.functional.training.history import Naming

        return Naming.of(self._state).key(monitor)

    @names_the_line
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Score | Scores | dict[str, float]:
        """Score rows by name; the answer also unpacks in Keras' order."""
        from engine.functional.training.evaluation import score

        self._meet(x)
        self._state.require_compiled()
        scores = score(self._state, x, y, _rows(batch_size), sample_weight, bool(verbose))
        return scores.to_dict() if return_dict else scores

    @names_the_line
    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return an array for each output, in the form in which the outputs were given."""
        from engine.functional.training.evaluation import predict

        self._meet(x)
        return self._formed(predict(self._state, x, _rows(batch_size)))

    @names_the_line
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Score | Scores | dict[str, float]:
        """Take one step on all rows at once, and answer what they were worth before it."""
        return self._on_batch(x, y, sample_weight, class_weight, return_dict, training=True)

    @names_the_line
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Score | Scores | dict[str, float]:
        """Score all rows as one batch."""
        return self._on_batch(x, y, sample_weight, None, return_dict, training=False)

    def _on_batch(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        class_weight: Any,
        return_dict: bool,
        training: bool,
    ) -> Score | Scores | dict[str, float]:
        from engine.functional.training.evaluation import on_batch

        self._meet(x)
        self._state.require_compiled()
        scores = on_batch(self._state, x, y, sample_weight, class_weight, training)
        return scores.to_dict() if return_dict else scores


def _rows(batch_size: Any) -> int:
    """Return how many rows are taken at once."""
    return int(_KERAS["batch_size"]) if batch_size is None else whole(batch_size, "batch_size")
