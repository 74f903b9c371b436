"""The same pages through several readers: their texts, how far they agree, and a page to see it."""
