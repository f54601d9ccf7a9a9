"""Small stories of who goes where, and a question about one of them.

A child walks about the house, a pet about the garden; both move several times, and what counts is
where the one who is asked for went last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

CHILDREN = ("anna", "ben", "carla", "dario")
PETS = ("cat", "dog", "goat", "hen")
ROOMS = ("kitchen", "attic", "cellar", "hall")
GARDEN = ("shed", "pond", "meadow", "hedge")
VERBS = ("goes", "runs", "walks")
ASKING = ("where", "is")
FILLERS = ("to", "the")

# Ids from 1; 0 is the padding. Answers have ids of their own, so that 0 is an answer, too.
WORDS = {
    word: number
    for number, word in enumerate((*CHILDREN, *PETS, *ROOMS, *GARDEN, *VERBS, *FILLERS, *ASKING), 1)
}
ANSWERS = {word: number for number, word in enumerate((*ROOMS, *GARDEN))}
ANSWER_VOCABULARY = 500
MOVES = 4  # at most, of both together
SENTENCE = 5  # "anna goes to the kitchen"
QUESTION = 3  # "where is anna"


def question_answering(rows: int, held_out: int, seed: int) -> Sample:
    """Make stories, questions and answers.

    Columns: text int32 (20,) and question int32 (3,), word ids with 0 where a story is shorter;
    answer one-hot (500,).
    """
    rng = np.random.Generator(np.random.Philox(seed))
    train, test = _stories(rng, rows), _stories(rng, held_out)
    return Sample(train, test, {"answer": {"accuracy": 1.0}})


def _stories(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.generic]]:
    text = np.zeros((rows, MOVES * SENTENCE), np.int32)
    question = np.zeros((rows, QUESTION), np.int32)
    answer = np.zeros((rows, ANSWER_VOCABULARY), np.float32)
    for row in range(rows):
        story, asked, place = _story(rng)
        ids = [WORDS[word] for word in story]
        text[row, : len(ids)] = ids
        question[row] = [WORDS[word] for word in (*ASKING, asked)]
        answer[row, ANSWERS[place]] = 1.0
    return {"text": text, "question": question, "answer": answer}


def _story(rng: np.random.Generator) -> tuple[list[str], str, str]:
    """Return a story's words, who is asked for, and where that one is."""
    pair = (_pick(rng, CHILDREN), _pick(rng, PETS))
    moves = int(rng.integers(2, MOVES + 1))
    # Both move at least once, in any order.
    movers = [0, 1, *rng.integers(0, 2, moves - 2).tolist()]
    words: list[str] = []
    last = ["", ""]
    for mover in rng.permutation(movers).tolist():
        last[mover] = _pick(rng, (ROOMS, GARDEN)[mover])
        words += [pair[mover], _pick(rng, VERBS), *FILLERS, last[mover]]
    asked = int(rng.integers(0, 2))
    return words, pair[asked], last[asked]


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(0, len(words)))]
