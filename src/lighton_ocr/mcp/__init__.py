"""The Model Context Protocol: assistants read documents, within folders that they may see."""
