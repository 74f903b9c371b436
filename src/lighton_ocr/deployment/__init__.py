"""LightOnOCR behind vLLM: its settings, its command line, its container on Modal.

settings.py     what can be chosen, read from environment variables
vllm_command.py the argument list of `vllm serve`
gate.py         which of vLLM's routes the outside may call
lifecycle.py    start, wait, warm up, sleep, wake, stop
image.py        what Modal builds and mounts (the only module that imports `modal`)

All but image.py need nothing beyond the standard library.
"""
