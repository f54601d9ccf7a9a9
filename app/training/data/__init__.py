"""The data chooser of the training panel, and the check of the chosen data."""
