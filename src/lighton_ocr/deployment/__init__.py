"""Deployment on Modal: what can be set, what Modal builds, and the key that callers need.

settings.py      the settings of a deployment, read from environment variables
gpu_request.py   the GPU that is requested, and limits that fit any GPU that Modal may send
image.py         the container's image, environment and volumes
weights.py       a model's weights on the volume
shard_limits.py  how large a shard of a batch is, and how long it may take
proxy_token.py   stores a new proxy token in .env
cost.py          adds up what an app has cost
"""
