"""The recipe: the training settings of a project, and its data mapping."""
