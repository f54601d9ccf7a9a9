"""Batches as tensors: data loading and random numbers for augmentation."""
