"""Translation, labels and amounts."""
