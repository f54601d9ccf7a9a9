"""The only room where torch is: modules, training, prediction."""
