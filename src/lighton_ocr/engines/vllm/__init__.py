"""vLLM on an NVIDIA GPU: its command line, its process, and the code of ours that vLLM loads.

engine.py      an endpoint on this machine's GPU
server.py      the process: start, wait, warm up, sleep, wake, stop
command.py     the argument list of `vllm serve`
version.py     the releases of vLLM that were tested
warm_up.py     the first request
scheduler.py   inside vLLM: draft tokens, pages admitted in groups
allow_list.py  inside vLLM: what callers may ask of it

documents.py   the settings for reading documents inside vLLM (server/inside_vllm.py)

The allow-list consists of request_headers.py (size), request_body.py (size and time),
request_fields.py (what a request may contain), fair_share.py (pages in flight of each sender) and
refusal.py (errors). The server in `server/` uses most of them, too.
"""
