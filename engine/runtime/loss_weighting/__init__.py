"""The total loss of a batch and the rules that weight its parts: fixed, uncertainty, GradNorm."""
