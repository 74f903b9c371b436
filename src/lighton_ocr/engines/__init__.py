"""Connect to a server, or start one: `llama_cpp` on the CPU, `vllm` on a GPU."""
