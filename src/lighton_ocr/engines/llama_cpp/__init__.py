"""The embedded engine: llama.cpp on this machine's CPU, in a child process."""
