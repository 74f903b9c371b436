# lighton-ocr as a server, on a CPU (`docker build .`) or on a GPU
# (`docker build --target vllm .`). docs/SERVER.md says how to run it. The user has the same number in
# both, because they may share a volume; Kubernetes wants a number to know that it is not root.

FROM nvidia/cuda:13.0.1-devel-ubuntu24.04 AS vllm
# The compiler and Python's headers are for the kernels that vLLM compiles when it starts.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 ocr \
    && python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH HF_HOME=/weights VLLM_CACHE_ROOT=/weights/vllm VLLM_NO_USAGE_STATS=1
COPY requirements/serve-vllm.txt /src/requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes -r /src/requirements/serve-vllm.txt
COPY . /src/
RUN pip install --no-cache-dir --no-deps --no-build-isolation /src \
    && mkdir /weights \
    && chown ocr /weights
USER 10001
VOLUME /weights
EXPOSE 8000
HEALTHCHECK --start-period=15m CMD ["python3", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=5)"]
ENTRYPOINT ["lighton-ocr", "serve", "--engine", "vllm", "--host", "0.0.0.0"]

FROM debian:bookworm-slim AS serve
# libgomp1 is for llama.cpp.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 ocr \
    && python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH HF_HOME=/weights
COPY requirements/serve.txt /src/requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes -r /src/requirements/serve.txt
COPY . /src/
RUN pip install --no-cache-dir --no-deps --no-build-isolation /src \
    && mkdir /weights \
    && chown ocr /weights
USER 10001
VOLUME /weights
EXPOSE 8000
HEALTHCHECK --start-period=15m CMD ["python3", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=5)"]
ENTRYPOINT ["lighton-ocr", "serve", "--host", "0.0.0.0"]
