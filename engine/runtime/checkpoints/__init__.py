"""Saving and loading of weights and training state in safetensors files."""
