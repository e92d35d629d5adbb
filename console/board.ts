/**
 * The queues in a browser: a window, never a handle. Every queue is read-only, whoever asks; what an operator wants of
 * a canary is said to the Canary.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import basicAuth from '@fastify/basic-auth';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue } from 'bullmq';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { HealthCheck } from '../platform/observability/health.ts';
import { runChecks, sayAlive } from '../platform/observability/health.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import { alertsQueue, stepsQueue } from '../queue/queue-names.ts';

export interface BoardOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly basePath: string;
  readonly token: string;
  /** Belongs to the caller, who closes it after the board. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Parts extends BoardOptions {
  readonly queues: readonly Queue[];
  readonly readiness: Readonly<Record<'redis', HealthCheck>>;
}

export interface Board {
  /** Resolves to the URL of the board. */
  start(): Promise<string>;
  close(): Promise<void>;
}

/** The id of a job holds the names of a Canary and its namespace, which take 316 characters; fastify lets a part of a path have 100. */
const longestPathPart = 1_000;

/** Seconds between two polls of the page. */
const pollingInterval = 5;

export function createBoard(options: BoardOptions): Board {
  const { basePath, host, port, log } = options;
  const queues = openQueues(options);
  const parts = { ...options, queues, readiness: checksOf(options.redis, queues) };
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: longestPathPart },
  });
  serveHealth(server, parts);
  // Registration fails only on a programming error; it surfaces when the server starts.
  void server.register(async (scope) => mountBoard(scope, parts));
  server.get('/', (_request, reply) => reply.redirect(basePath));
  server.setErrorHandler((err: Error & { statusCode?: number }, _request, reply) => {
    if (err.statusCode === undefined || err.statusCode >= 500) log.error({ err }, 'the board failed to answer');
    return reply.code(err.statusCode ?? 500).send({ error: err.message });
  });
  return {
    start: async () => `${await server.listen({ host, port })}${basePath}`,
    close: async () => {
      await server.close();
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

function openQueues({ redis, prefix, log }: BoardOptions): readonly Queue[] {
  return [stepsQueue, alertsQueue].map((name) => {
    // Its check of the version asks Redis once, and fails for good what is asked later if the answer does not come.
    const queue = new Queue(name, { connection: redis, prefix, skipVersionCheck: true });
    queue.on('error', (err) => log.warn({ err, queue: name }, 'queue error'));
    return queue;
  });
}

async function mountBoard(scope: FastifyInstance, parts: Parts): Promise<void> {
  const { basePath, token, queues, readiness, clock } = parts;
  await scope.register(basicAuth, {
    validate: async (_user, password) => {
      if (!isSame(password, token)) throw new Error('expected the board token as the password, got another one');
    },
    authenticate: { realm: 'Aviary queues' },
  });
  scope.addHook('onRequest', scope.basicAuth);
  // Beside readOnlyMode, which each handler of the board has to ask for itself.
  scope.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'GET' || method === 'HEAD') return undefined;
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .send({ error: `expected GET, got ${method}: the board only shows` });
  });
  scope.addHook('onRequest', async (_request, reply) => {
    const { ok, checks } = await runChecks(readiness, { clock });
    return ok ? undefined : reply.code(503).send({ error: `${withoutRedis} (${checks['redis']})` });
  });
  const adapter = new FastifyAdapter();
  adapter.setBasePath(basePath);
  createBullBoard({
    queues: queues.map((queue) => readOnly(queue)),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Aviary',
        hideRedisDetails: true,
        showWorkers: false,
        pollingInterval: { showSetting: true, forceInterval: pollingInterval },
      },
    },
  });
  await scope.register(adapter.registerPlugin(), { prefix: basePath });
}

/** Shows a step under its canary, because the name of the job is the same for all of them. */
function readOnly(queue: Queue): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
  adapter.setFormatter('name', (job) => titleOf(job));
  return adapter;
}

/** `step shop/podinfo`, from what the job says of itself. */
export function titleOf(job: { readonly name: string; readonly data: unknown }): string {
  const data: { ns?: unknown; name?: unknown } = typeof job.data === 'object' && job.data !== null ? job.data : {};
  const { ns, name } = data;
  return typeof ns === 'string' && typeof name === 'string' ? `${job.name} ${ns}/${name}` : job.name;
}

const withoutRedis =
  'expected Redis, which holds the queues, got no answer; the board shows them as soon as it is back';

/** A queue waits for the first connection to Redis however long that takes, and each request of the board would with it. */
const checksOf = (redis: Redis, queues: readonly Queue[]): Parts['readiness'] => ({
  redis: async () => {
    await Promise.all(queues.map((queue) => queue.waitUntilReady()));
    if (redis.status !== 'ready') return 'the connection to Redis is lost, a new one is tried';
    return (await redis.ping()) === 'PONG' ? undefined : 'Redis did not answer a ping';
  },
});

function serveHealth(server: FastifyInstance, { readiness, metrics, clock }: Parts): void {
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
  server.get('/healthz', (_request, reply) => sayAlive(reply));
  server.get('/readyz', async (_request, reply) => {
    const report = await runChecks(readiness, { clock });
    return reply.code(report.ok ? 200 : 503).send(report);
  });
}

/** Compares digests, so that neither time nor length tells anything of the token. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
