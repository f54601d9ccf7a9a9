"""The data of a training: the data chooser and the check of its rows."""
