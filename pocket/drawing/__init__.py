"""Pages drawn with their transcripts: ink maps and the Markdown that a reader should write."""
