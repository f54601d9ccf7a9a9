"""Data loaders, which yield batches of tensors, and random numbers for augmentation."""
