# One image with everything: docker build -t spanloom . && docker run -p 7070:7070 -p 8126:8126 -p 4318:4318 -p 4317:4317 \
#   -e SPANLOOM_INGEST_KEYS=... -e SPANLOOM_ADMIN_TOKEN=... -v spanloom:/data spanloom
# The engine is built for glibc, so the base is Debian rather than Alpine.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && node scripts/build-web.ts && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production UV_THREADPOOL_SIZE=16 SPANLOOM_HOST=0.0.0.0 SPANLOOM_DATA_DIR=/data
WORKDIR /app
COPY --from=build --chown=node:node /app /app
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
# X-Ray's port stays on loopback inside: a datagram carries no key. SPANLOOM_OPEN_AGENT_ROUTES=true opens it, for a network you trust.
EXPOSE 7070 8126 4318 4317
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SPANLOOM_PORT ?? 7070) + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--conditions=@spanloom/source", "apps/server/src/main.ts"]
