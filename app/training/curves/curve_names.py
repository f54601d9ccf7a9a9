"""Names of the curves that every run has."""

TOTAL_LOSS = "loss"
LEARNING_RATE = "learning_rate"
GRADIENT_NORM = "grad_norm"
LOSS_SHARES = "shares"
