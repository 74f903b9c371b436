"""Modal without an account: a control plane, a container, and a fake vLLM that records requests.

It builds no image and runs no GPU, and accepts what Modal's servers might refuse. It keeps what it
was sent, and starts it as a container would.
"""
