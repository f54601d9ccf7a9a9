"""Modules that torch.nn lacks. Exported source pastes them, so each stands on torch alone."""
