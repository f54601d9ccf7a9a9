"""The total loss of a batch, and the rules that weight losses: fixed, uncertainty, GradNorm."""
