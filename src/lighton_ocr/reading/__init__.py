"""From the image of a page to its text: send it, watch the answer, and retry if it is doubtful."""
