/** Tells Prometheus which pods to scrape: follows the cluster's pods and serves them as GET /targets. */
import Fastify from 'fastify';
import { z } from 'zod';
import { systemClock } from '../../platform/clock.ts';
import { integer, text } from '../../platform/config-values.ts';
import { loadConfig } from '../../platform/config.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import { createLogger } from '../../platform/observability/logger.ts';
import { pods } from '../../platform/kubernetes/resources.ts';
import { installShutdown } from '../../platform/shutdown.ts';
import { scrapeTarget } from './scrape-target.ts';

const config = loadConfig({
  schema: z.object({
    KUBERNETES_SERVICE_HOST: text('the address of the API server, set in every pod'),
    KUBERNETES_SERVICE_PORT: text('the port of the API server, set in every pod'),
    PORT: integer({ min: 1, max: 65_535 }),
  }),
  env: process.env,
});
const clock = systemClock;
const log = createLogger({ name: 'prometheus-targets', level: 'info', clock });
const random = Math.random;
const client = createKubernetesClient({
  access: { kind: 'inCluster', host: config.KUBERNETES_SERVICE_HOST, port: config.KUBERNETES_SERVICE_PORT },
  userAgent: 'prometheus-targets',
  clock,
  random,
  log,
});
const watch = createListWatch({ client, resource: pods, project: scrapeTarget, clock, random, log });

const http = Fastify({ forceCloseConnections: true });
http.get('/ready', (_request, reply) => reply.code(watch.synced() ? 200 : 503).send());
http.get('/targets', (_request, reply) => {
  // An empty list would make Prometheus forget its targets; on an error it keeps them.
  if (!watch.synced()) return reply.code(503).send();
  return [...watch.values()].flatMap(({ value }) => value ?? []);
});

const shutdown = installShutdown({
  process,
  closers: [
    { name: 'http', close: () => http.close() },
    { name: 'kubernetes client', close: () => client.close() },
  ],
  clock,
  log,
});
watch.start(shutdown.signal);
await http.listen({ host: '0.0.0.0', port: config.PORT });
log.info({ port: config.PORT }, 'serving targets');
