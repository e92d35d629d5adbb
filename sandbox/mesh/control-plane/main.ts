// The stand-in for Kuma's control plane: from the objects in the API server to the Envoys of the pods.
import { z } from 'zod';
import { systemClock } from '../../../platform/clock.ts';
import { integer, text } from '../../../platform/config-values.ts';
import { loadConfig } from '../../../platform/config.ts';
import { createKubernetesClient } from '../../../platform/kubernetes/kubernetes.ts';
import { createLogger } from '../../../platform/observability/logger.ts';
import { installShutdown } from '../../../platform/shutdown.ts';
import { createMeshView } from './mesh-view.ts';
import { createXdsServer } from './xds-server.ts';

const config = loadConfig({
  schema: z.object({
    KUBERNETES_SERVICE_HOST: text('the address of the API server, set in every pod'),
    KUBERNETES_SERVICE_PORT: text('the port of the API server, set in every pod'),
    MESH_NAME: text('the name of a mesh'),
    PORT: integer({ min: 1, max: 65_535 }),
  }),
  env: process.env,
});
const clock = systemClock;
const log = createLogger({ name: 'mesh-control-plane', level: 'info', clock });
const random = Math.random;
const client = createKubernetesClient({
  access: { kind: 'inCluster', host: config.KUBERNETES_SERVICE_HOST, port: config.KUBERNETES_SERVICE_PORT },
  userAgent: 'mesh-control-plane',
  clock,
  random,
  log,
});
const xds = createXdsServer(clock);
const view = createMeshView({
  client,
  mesh: config.MESH_NAME,
  clock,
  random,
  log,
  onChange: (current) => xds.publish(current),
});

const shutdown = installShutdown({
  process,
  closers: [
    { name: 'xds server', close: () => xds.http.close() },
    { name: 'kubernetes client', close: () => client.close() },
  ],
  clock,
  log,
});
view.start(shutdown.signal);
await xds.http.listen({ host: '0.0.0.0', port: config.PORT });
log.info({ port: config.PORT, mesh: config.MESH_NAME }, 'serving Envoys');
