"""Read any number of documents: stopped at any moment, gone on with by the same command."""
