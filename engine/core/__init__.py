"""Base types of the engine: diagnostics, schemas, tensor specs and symbolic tensors."""
