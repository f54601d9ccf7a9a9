"""The data chooser of the training panel."""
