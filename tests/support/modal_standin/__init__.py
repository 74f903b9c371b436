"""Modal without an account: a control plane, a container, and a vLLM that records.

It builds no image, runs no GPU and does not judge as Modal's servers do; it holds what they were
sent, and starts what was sent as a container would.
"""
