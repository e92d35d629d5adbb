// A client of the mesh that calls one service at a fixed rate and shows the counts of what came back.
import Fastify from 'fastify';
import { Agent } from 'undici';
import { z } from 'zod';
import { formatInstant, systemClock } from '../../../platform/clock.ts';
import { integer, text, url } from '../../../platform/config-values.ts';
import { loadConfig } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/observability/logger.ts';
import { installShutdown } from '../../../platform/shutdown.ts';
import { call } from './call.ts';
import { createTrafficCounter } from './traffic-counter.ts';

const config = loadConfig({
  schema: z.object({
    TARGET_URL: url('http'),
    COUNT_BY: text('a field of the JSON answer'),
    REQUESTS_PER_SECOND: integer({ min: 1, max: 1000 }),
    PORT: integer({ min: 1, max: 65_535 }),
  }),
  env: process.env,
});
const clock = systemClock;
const log = createLogger({ name: 'storefront', level: 'info', clock });
const counter = createTrafficCounter();
const dispatcher = new Agent({ connections: 20 });
const target = new URL(config.TARGET_URL);

const stop = clock.every(1000 / config.REQUESTS_PER_SECOND, () => {
  const at = formatInstant(clock.now());
  void call({ url: target, countBy: config.COUNT_BY, dispatcher, at }).then((outcome) => counter.record(outcome));
});
const http = Fastify({ forceCloseConnections: true });
http.get('/counts', () => counter.counts());
installShutdown({
  process,
  closers: [
    { name: 'requests', close: stop },
    { name: 'connections', close: () => dispatcher.close() },
    { name: 'http', close: () => http.close() },
  ],
  clock,
  log,
});
await http.listen({ host: '0.0.0.0', port: config.PORT });
log.info({ target: config.TARGET_URL, requestsPerSecond: config.REQUESTS_PER_SECOND }, 'calling');
