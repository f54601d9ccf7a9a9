"""PyTorch backend: networks, training, checkpoints, evaluation, prediction.

Only this package and `engine.functional` import torch.
"""
