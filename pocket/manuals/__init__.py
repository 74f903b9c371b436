"""Real pages to learn from: printed manuals, with a transcript made from their own text layer."""
