"""Tables, splits, encoding and the data check before training; imports no PyTorch."""
