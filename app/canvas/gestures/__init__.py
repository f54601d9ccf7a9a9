"""Mouse gestures: one class each, from press to release."""
