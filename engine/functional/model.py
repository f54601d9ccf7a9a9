"""Model: a network written in Python as with Keras, trained by the loop of `engine train`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.check.report import score_names
from engine.core.arguments import plain, unknown_word
from engine.core.calling import names_the_line
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.spec import TensorSpec
from engine.functional.compiling import fitting, for_all, told
from engine.functional.drawn import Drawn, Path_
from engine.functional.replay import opened
from engine.functional.state import recipe_of, sound
from engine.graph import edits, file
from engine.graph.model import Node, Project
from engine.graph.settings import mapping, without
from engine.layers.io import Output

if TYPE_CHECKING:
    from engine.functional.results import History, Scores


_TOLD = ("loss", "loss_weight", "metrics")  # of an Output's parameters, those of compile
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
            recipe: further fields of a recipe: schedule, seed, precision, device, accumulate.

        Raises:
            RefusedAt: with everything that does not fit.
        """
        outputs = self.output_names
        params = told(outputs, loss, loss_weights, metrics, units, labels)
        notes: list[Diagnostic] = []
        if for_all(outputs, metrics):
            params, notes = fitting(params, self._specs())
        nodes = [_told(self.graph[name], each) for name, each in params.items()]
        project = self.project.with_graph(self.graph.with_nodes(*nodes))
        read = {key: plain(value, key) for key, value in recipe.items()}
        project = replace(project, recipe={"optimizer": plain(optimizer, "optimizer"), **read})
        recipe_of(project)
        project = _standardised(project, outputs, standardize)
        self._state.compile(project)
        self._state.tell(notes)

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
        **unknown: Any,
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
            unknown: anything else is refused.

        Raises:
            RefusedAt: for what is wrong with the rows, before the first step.
        """
        from engine.functional.fitting import Wish, naming_of, train

        self._state.require_compiled()
        if unknown:
            raise Refused(*(_no_argument(name) for name in unknown))
        asked = {
            "epochs": epochs,
            "batch_size": batch_size,
            "shuffle": shuffle,
            "validation_split": validation_split,
        }
        said = {**_KERAS, **self._state.report.project.recipe}
        said |= {name: plain(value, name) for name, value in asked.items() if value is not None}
        if patience is not None:
            watched = naming_of(self._state).key(str(monitor))
            said["stopping"] = _stopping(patience, watched, min_delta, restore_best_weights)
        project = replace(self.project, recipe=said)
        recipe = recipe_of(project)
        unseen = recipe.unknown_scores(score_names(self._state.report.heads))
        if unseen:
            raise Refused(*unseen)
        wish = Wish(
            x, y, validation_data, sample_weight, class_weight, initial_epoch, bool(verbose)
        )
        history = train(self._state, recipe, wish)
        self._state.project = project
        return history

    @names_the_line
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        verbose: Any = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Scores | dict[str, float]:
        """Score rows by name; the answer also unpacks in Keras' order."""
        from engine.functional.fitting import score

        self._state.require_compiled()
        scores = score(self._state, x, y, _whole(batch_size), sample_weight, bool(verbose))
        return scores.to_dict() if return_dict else scores

    @names_the_line
    def predict(self, x: Any, batch_size: int = 32, verbose: Any = 0) -> Any:
        """Answer an array for each output, in the form in which the outputs were given."""
        from engine.functional.fitting import predict

        return self._formed(predict(self._state, x, _whole(batch_size)))

    @names_the_line
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Scores | dict[str, float]:
        """Take one step on all rows at once, and answer what they were worth before it."""
        return self._on_batch(x, y, sample_weight, class_weight, return_dict, training=True)

    @names_the_line
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Scores | dict[str, float]:
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
    ) -> Scores | dict[str, float]:
        from engine.functional.fitting import on_batch

        self._state.require_compiled()
        scores = on_batch(self._state, x, y, sample_weight, class_weight, training)
        return scores.to_dict() if return_dict else scores


@names_the_line
def load(path: Path_) -> Model:
    """Open a graph file as a model: compiled as the file says, its weights at their start.

    Raises:
        RefusedAt: it can't be read, or its graph is not sound.
    """
    read = file.read(path)
    sound(read.project)
    model = Model.__new__(Model)
    model._begin(file.name_of(Path(path)), opened(read.project.graph), read.project)
    state = model._state
    state.tell(read.diagnostics)
    state.compiled = any(
        isinstance(node.layer, Output) and node.layer.loss is not None for node in model.graph
    )
    return model


def _told(output: Node, params: Mapping[str, Any]) -> Node:
    """Answer an Output with its training told anew; labels, units and the like stay."""
    kept = {name: value for name, value in output.params.items() if name not in _TOLD}
    return replace(output, params={**kept, **params})


def _standardised(project: Project, outputs: Sequence[str], names: Any) -> Project:
    """Answer the project with the targets of some outputs standardised, and of no others."""
    wanted = [names] if isinstance(names, str) else list(names)
    strange = [name for name in wanted if name not in outputs]
    if strange:
        raise Refused(*(unknown_word(n, outputs, "output", "standardize") for n in strange))
    for name in outputs:
        source = mapping(mapping(project.data, "targets"), name)
        if name in wanted:
            scaled = {"column": name, **source, "scale": "standardize"}
            project = edits.set_mapping(project, "targets", name, scaled)
        elif "scale" in source:
            project = edits.set_mapping(project, "targets", name, without(source, "scale"))
    return project


def _stopping(patience: Any, score: str, min_delta: Any, restore_best: bool) -> dict[str, Any]:
    """Answer the plain rule that stops a run which gets no better."""
    return {
        "monitors": [{"name": score, "min_delta": plain(min_delta)}],
        "patience": plain(patience),
        "restore_best": bool(restore_best),
    }


def _no_argument(name: str) -> Diagnostic:
    instead = {"callbacks": "patience, monitor and restore_best_weights stop early"}
    return Diagnostic(
        "param-unknown",
        f'fit has no argument "{name}"',
        param=name,
        found=name,
        expected="the arguments that help(model.fit) lists",
        fixes=(Fix(f"Leave it out: {instead[name]}." if name in instead else "Leave it out."),),
    )


def _whole(batch_size: Any) -> int:
    if isinstance(batch_size, int) and batch_size > 0:
        return batch_size
    raise Refused(
        Diagnostic(
            "param-invalid",
            f'"batch_size" can\'t be {batch_size!r:.40}',
            param="batch_size",
            found=f"{batch_size!r:.40}",
            expected="a whole number of at least 1",
            fixes=(Fix("Use 32."),),
        )
    )
