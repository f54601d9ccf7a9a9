"""Charts of evaluation results and predictions."""
