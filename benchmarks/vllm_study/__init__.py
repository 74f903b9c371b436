"""What the studies of vLLM on a GPU share.

configurations.py what is tried, and which suspicion each tries
server.py         one or more servers with a configuration, their log, and what it gives away
load.py           pages that differ, answers of given lengths, as many in flight as it takes
in_process.py     the same load on vLLM's engine inside a Python process
scopes.py         names the encoder and the sampler in a profile
trace.py          a profile as a small table: time a page by part and kind of kernel
record.py         a report that is on disk after every row, and a budget of time
"""
