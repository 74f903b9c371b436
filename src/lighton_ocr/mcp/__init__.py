"""An MCP server: assistants read documents in the folders that they may see."""
