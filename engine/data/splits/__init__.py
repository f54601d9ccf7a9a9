"""Training, validation and test splits: random, stratified, grouped, chronological."""
