"""From data to card: how the opinion encoder is made. ``python -m recipe.main --help`` from models/opinion-encoder."""
