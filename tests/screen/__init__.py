"""A person at the real window: a screen, a pointer and a keyboard of X, and what they lead to."""
