"""From the image of a page to its text: ask, watch the answer, ask again where it is doubtful."""
