"""Answers as a person would say them: labels, or numbers in their unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.encoders import Encoder, Labelled, Multilabel, Number
from engine.objectives.head import Head
from engine.runs.evaluation import number
from engine.runtime.evaluation.collect import Answers, Array


def labels_of(head: Head, encoder: Encoder | None, count: int) -> list[str]:
    """Return what the classes are called: as in the data, as on the Output, or by number."""
    own = encoder.labels if isinstance(encoder, Labelled) else head.labels
    return list(own) if len(own) == count else [str(place) for place in range(count)]


class Words:
    """Says answers as a person would."""

    def truth(self, answers: Answers, at: Array) -> str:
        """Return what was true."""
        raise NotImplementedError(type(self).__name__)

    def said(self, answers: Answers, at: Array) -> str:
        """Return what was said."""
        raise NotImplementedError(type(self).__name__)

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the probability that the answer had."""
        return None


class ClassWords(Words):
    """One class of several, by its label."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels

    def truth(self, answers: Answers, at: Array) -> str:
        """Return what was true."""
        return _listed([self.labels[place] for place in answers.truth[at].astype(int)])

    def said(self, answers: Answers, at: Array) -> str:
        """Return what was said."""
        return _listed([self.labels[place] for place in answers.said[at]])

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the probability of the class that was chosen."""
        return number(float(answers.confidence[at].mean()))


class YesWords(Words):
    """Yes or no, or the labels that hold."""

    def __init__(self, head: Head, labels: list[str], encoder: Encoder | None) -> None:
        width = head.spec.shape[-1] if head.spec.shape else 1
        count = width if isinstance(width, int) else 1
        own = encoder.labels if isinstance(encoder, Multilabel) else head.labels
        self.labels = labels
        self.columns = list(own) if len(own) == count else [str(place) for place in range(count)]
        self.several = count > 1
        self.cut = head.loss.cut if head.loss else 0.5

    def truth(self, answers: Answers, at: Array) -> str:
        """Return what was true."""
        return self._word(answers.truth[at] > 0.5)

    def said(self, answers: Answers, at: Array) -> str:
        """Return what was said."""
        return self._word(answers.said[at] >= self.cut)

    def _word(self, yes: Array) -> str:
        if not self.several:
            return _listed([self.labels[int(place)] for place in yes[:, 0]])
        return _listed([self.columns[place] for place in np.flatnonzero(yes[0])]) or "none"

    def confidence(self, answers: Answers, at: Array) -> float | None:
        """Return the probability of the answer that was given."""
        score = answers.said[at]
        if self.several or not ((score >= 0) & (score <= 1)).all():
            return None
        return number(float(np.where(score >= self.cut, score, 1 - score).mean()))


class NumberWords(Words):
    """Numbers in the column's own unit."""

    def __init__(self, head: Head, encoder: Encoder | None) -> None:
        self._encoder = encoder if isinstance(encoder, Number) else None
        self._shape = head.spec.shape
        self._unit = f" {head.unit}" if head.unit else ""

    def own(self, values: Array) -> Array:
        """Return values in the column's own unit."""
        if self._encoder is None:
            return values
        return np.asarray(self._encoder.inverse(values.astype(np.float64)))

    def truth(self, answers: Answers, at: Array) -> str:
        """Return what was true."""
        return self._word(answers.truth[at])

    def said(self, answers: Answers, at: Array) -> str:
        """Return what was said."""
        return self._word(answers.said[at])

    def _word(self, values: Array) -> str:
        return _listed([f"{value:.5g}" for value in self.own(values).reshape(-1)]) + self._unit


def _listed(words: Sequence[str], most: int = 6) -> str:
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")
