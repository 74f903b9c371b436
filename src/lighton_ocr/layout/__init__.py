"""Where the words of a page's text stand on its image."""
