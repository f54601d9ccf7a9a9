"""What a drawing looks like, as plain values: places, captions, a picture. Knows no toolkit."""
