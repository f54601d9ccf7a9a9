"""What is wrong with a project before anything is computed. No torch, no numpy."""
