"""Forms, and the rows of forms, that several panels and dialogs use."""
