"""Connect to a server, or start one: `llama_cpp` on the processor, `vllm` on a GPU."""
