"""What a step is done with is taken by the next, and nothing that somebody still reads."""

import torch

from engine.runtime.speed.spare import Spare

LIKE = torch.zeros(1)


def test_what_was_given_is_taken_again_by_whoever_fits_best():
    spare = Spare()
    large, small = spare.take(LIKE, 10, 8), spare.take(LIKE, 50)
    places = large.data_ptr(), small.data_ptr()
    spare.give(large, small)
    assert spare.take(LIKE, 6, 8).data_ptr() == places[1]
    taken = spare.take(LIKE, 7, 8)
    assert (taken.data_ptr(), taken.shape) == (places[0], (7, 8))


def test_a_block_is_whole_again_once_it_is_given_back():
    spare = Spare()
    spare.give(spare.take(LIKE, 10, 8))
    spare.give(spare.take(LIKE, 5, 9))
    assert len(spare._blocks) == 1
    assert spare._blocks[0].numel() == 80


def test_a_block_that_is_too_small_or_far_too_large_or_of_another_kind_is_left():
    spare = Spare()
    kept = spare.take(LIKE, 64)
    spare.give(kept)
    for asked in (spare.take(LIKE, 65), spare.take(LIKE, 31), spare.take(LIKE.double(), 64)):
        assert asked.data_ptr() != kept.data_ptr()
    assert spare.take(LIKE, 64).data_ptr() == kept.data_ptr()


def test_what_is_taken_twice_lies_in_two_places():
    spare = Spare()
    one, other = spare.take(LIKE, 64), spare.take(LIKE, 64)
    assert one.data_ptr() != other.data_ptr()
