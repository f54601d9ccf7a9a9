"""Accelerations of training: each in a module of its own, with its reason and its source.

None of them changes results beyond rounding errors, and each is tested against plain torch.
"""
