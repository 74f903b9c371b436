"""The embedded engine: llama.cpp on this machine's processor, in a child process."""
