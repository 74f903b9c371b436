"""vLLM on an NVIDIA GPU: its command line, its process, and what vLLM loads of ours."""
