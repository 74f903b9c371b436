"""Read any number of documents; a batch can be stopped at any time, and continues where it was."""
