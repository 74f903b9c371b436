"""The Model Context Protocol: assistants read documents with a tool, within folders they may see."""
