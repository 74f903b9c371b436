"""Deployment on Modal: what can be set, what Modal builds, and the key that callers need.

settings.py     the settings of a deployment, read from environment variables
image.py        the container's image and volumes
proxy_token.py  stores a new proxy token in .env
"""
