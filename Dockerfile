# One image for every process; the command chooses which: worker, scheduler, console, loadtester.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && rm -rf out/test out/sandbox out/bench out/chaos out/manifests && npm prune --omit=dev

FROM node:24-bookworm-slim
# What the load tester's commands usually call.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini bash curl hey ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# Half of these threads may look names up. As many lookups hang as steps run (CONCURRENCY: 50) when the servers of names are
# silent, and the names of all others have to be looked up all the same.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=128
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/out ./out
USER 65532:65532
# In a pod of 512 MiB V8 would take 1 MiB for what is young, and workers would spend much time on moving it (decision 0029).
# Commands of the load tester may leave orphans; process 1 has to reap them.
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps", "--max-semi-space-size=8"]
CMD ["out/worker/main.js"]
