"""What the studies of vLLM on a GPU have in common.

configurations.py the configurations, and the reason for each
server.py         one or more servers with a configuration, and what their log tells
load.py           the load: pages that all differ, and answers of given lengths
in_process.py     the same load on vLLM's engine in a Python process
machine.py        use of the GPU and of the processor under load
scopes.py         names the encoder and the sampler in a profile
trace.py          a profile as a small table: time by part and kind of kernel
record.py         a report that is written after every row, and a limit of time
"""
