"""The actions of the window: their table, their enabled states and their QActions."""
