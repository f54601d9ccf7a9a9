"""PyTorch backend: networks, training, checkpoints, evaluation, prediction.

No other package of the engine imports torch.
"""
