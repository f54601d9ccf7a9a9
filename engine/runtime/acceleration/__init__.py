"""Accelerations of training, each in a separate module that states its reason and source.

None of them changes results beyond rounding errors. Each is tested against plain torch.
"""
