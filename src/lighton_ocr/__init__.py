"""Documents in, Markdown out, through any endpoint that serves a LightOnOCR model."""
