"""From a page's image to its text: ask, watch the answer, ask again where it went wrong."""
