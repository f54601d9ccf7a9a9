"""Model weights and training state to and from safetensors files."""
