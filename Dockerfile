# One binary on a small base: the site is embedded, SQLite is linked in.
#   docker build -t opsguard . && docker run -p 3000:3000 -v opsguard:/data opsguard
FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
# The mounts keep tools and compiled crates between builds; the layer itself holds only the result.
RUN --mount=type=cache,target=/root/.cache/opsguard \
    --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo xtask build && install -D target/release/opsguard /out/opsguard && install -d -o 10001 -g 10001 /out/data

FROM debian:bookworm-slim
# Certificates for outgoing mail, webhooks and push.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/opsguard /usr/local/bin/opsguard
COPY --from=build --chown=10001:10001 /out/data /data
COPY LICENSE /usr/share/doc/opsguard/LICENSE
ENV OPSGUARD_ADDR=0.0.0.0:3000 OPSGUARD_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["opsguard", "healthcheck"]
ENTRYPOINT ["opsguard"]
CMD ["serve"]
