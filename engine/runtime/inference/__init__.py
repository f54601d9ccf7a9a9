"""A trained run used: predictions, scores, the prediction server, export."""
