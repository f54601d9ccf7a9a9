"""Training on several devices, on a cluster or on another machine: commands, job files, ssh."""
