"""What a redacted text says: opinions with their spans, polarity, theme and embedding; knows nothing of scores."""
