"""Short stories about a child and a pet that move, with a question about one of them.

The child moves between rooms, the pet between places in the garden. The answer is the last place of
the child or the pet, whichever the question names.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CHILDREN = ("anna", "ben", "carla", "dario")
PETS = ("cat", "dog", "goat", "hen")
ROOMS = ("kitchen", "attic", "cellar", "hall")
GARDEN_PLACES = ("shed", "pond", "meadow", "hedge")
VERBS = ("goes", "runs", "walks")
QUESTION_WORDS = ("where", "is")
FILLERS = ("to", "the")

# Word ids start at 1, since 0 is padding. Answers have separate ids, which start at 0.
_WORDS = (*CHILDREN, *PETS, *ROOMS, *GARDEN_PLACES, *VERBS, *FILLERS, *QUESTION_WORDS)
WORD_IDS = {word: number for number, word in enumerate(_WORDS, 1)}
ANSWER_IDS = {word: number for number, word in enumerate((*ROOMS, *GARDEN_PLACES))}
ANSWER_VOCABULARY = 500
MAX_SENTENCES = 4  # the maximum number of sentences of a story
SENTENCE_LENGTH = 5  # "anna goes to the kitchen"
QUESTION_LENGTH = 3  # "where is anna"


def question_answering(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.generic]]:
    """Return rows, each of which is a story, a question and its answer.

    Columns:
        text: the word ids of a story, int32 of shape (20,), padded with 0.
        question: the word ids of a question, int32 of shape (3,).
        answer: the room or garden place that answers the question, one-hot of shape (500,).
    """
    text = np.zeros((rows, MAX_SENTENCES * SENTENCE_LENGTH), np.int32)
    question = np.zeros((rows, QUESTION_LENGTH), np.int32)
    answer = np.zeros((rows, ANSWER_VOCABULARY), np.float32)
    for row in range(rows):
        story, name, answer_word = _story(rng)
        ids = [WORD_IDS[word] for word in story]
        text[row, : len(ids)] = ids
        question[row] = [WORD_IDS[word] for word in (*QUESTION_WORDS, name)]
        answer[row, ANSWER_IDS[answer_word]] = 1.0
    return {"text": text, "question": question, "answer": answer}


def _story(rng: np.random.Generator) -> tuple[list[str], str, str]:
    """Return the words of a story, the name in the question, and the answer."""
    names = (_choose(rng, CHILDREN), _choose(rng, PETS))
    moves = int(rng.integers(2, MAX_SENTENCES + 1))
    # Child and pet each move at least once; the order of moves is random.
    movers = [0, 1, *rng.integers(0, 2, moves - 2).tolist()]
    words: list[str] = []
    places = ["", ""]
    for mover in rng.permutation(movers).tolist():
        places[mover] = _choose(rng, (ROOMS, GARDEN_PLACES)[mover])
        words += [names[mover], _choose(rng, VERBS), *FILLERS, places[mover]]
    subject = int(rng.integers(0, 2))
    return words, names[subject], places[subject]


def _choose(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(0, len(words)))]
