"""The data chooser of the training panel, and the check of its rows."""
