# The command with its models inside, on CPU. Build arguments: TORCH_INDEX, an index that holds CPU builds of torch.
FROM python:3.11-slim AS build
ARG TORCH_INDEX=""
WORKDIR /build
COPY pyproject.toml constraints.txt README.md ./
COPY src src
COPY flows flows
COPY models models
RUN python -m venv /opt/verbatim \
 && /opt/verbatim/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0 \
 && /opt/verbatim/bin/pip install --no-cache-dir --constraint constraints.txt torch==2.13.0 .

FROM python:3.11-slim
COPY --from=build /opt/verbatim /opt/verbatim
RUN useradd --create-home verbatim
USER verbatim
WORKDIR /home/verbatim
ENV PATH=/opt/verbatim/bin:$PATH PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
ENTRYPOINT ["verbatim"]
CMD ["--help"]
