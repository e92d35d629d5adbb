import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { messageOf } from '../error-message.ts';

/** Gives undefined when all is well, else the reason in words (shown to anyone who can reach the port: no secrets). */
export type HealthCheck = (signal: AbortSignal) => Promise<string | undefined> | string | undefined;

export interface HealthServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** For /readyz: may this process be given work? */
  readiness: Readonly<Record<string, HealthCheck>>;
  /** For /healthz: is restarting the process the cure? Default: none, so /healthz says that the process runs. */
  liveness?: Readonly<Record<string, HealthCheck>> | undefined;
  metrics: Pick<Metrics, 'render' | 'contentType'>;
  clock: Clock;
  log: Logger;
  /** A check that takes longer counts as failed. Default {@link defaultCheckTimeoutMs}. */
  checkTimeoutMs?: number | undefined;
}

/**
 * Serves GET /healthz, /readyz and /metrics: 200, or 503 with the failed checks and their reasons as JSON. A process that
 * is alive says `OK`, as the reference does.
 */
export interface HealthServer {
  /** Resolves to the URL it listens on. */
  start(): Promise<string>;
  close(): Promise<void>;
}

/** Probes have to wait for longer. */
export const defaultCheckTimeoutMs = 2_000;

const requestTimeoutMs = 10_000;

/** Listens from `start` on, which rejects when the port is taken. */
export function createHealthServer(options: HealthServerOptions): HealthServer {
  const { host, port, readiness, liveness = {}, metrics, log } = options;
  const server: FastifyInstance = fastify({
    logger: false,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
  });
  server.get('/healthz', async (_request, reply) => {
    const report = await runChecks(liveness, options);
    return report.ok ? sayAlive(reply) : reply.code(503).send(report);
  });
  server.get('/readyz', async (_request, reply) => {
    const report = await runChecks(readiness, options);
    return reply.code(report.ok ? 200 : 503).send(report);
  });
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
  server.setErrorHandler((err, _request, reply) => {
    log.error({ err }, 'health server failed to answer');
    return reply.code(500).send({ ok: false, reason: 'internal error; see the log' });
  });
  return {
    start: () => server.listen({ host, port }),
    close: () => server.close(),
  };
}

/** What /healthz answers where nothing is wrong. */
export const sayAlive = (reply: FastifyReply): FastifyReply => reply.type('text/plain; charset=utf-8').send('OK');

export interface HealthReport {
  ok: boolean;
  /** 'ok' or the reason, by the check's name. */
  checks: Record<string, string>;
}

type CheckContext = Pick<HealthServerOptions, 'clock' | 'checkTimeoutMs'>;

/** Runs the checks at the same time. A check that throws or takes too long has failed. */
export async function runChecks(
  checks: Readonly<Record<string, HealthCheck>>,
  { clock, checkTimeoutMs = defaultCheckTimeoutMs }: CheckContext,
): Promise<HealthReport> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, string | undefined]> => {
      try {
        return [name, await withDeadline({ clock, ms: checkTimeoutMs }, async (signal) => check(signal))];
      } catch (error) {
        return [name, messageOf(error)];
      }
    }),
  );
  return {
    ok: outcomes.every(([, reason]) => reason === undefined),
    checks: Object.fromEntries(outcomes.map(([name, reason]) => [name, reason ?? 'ok'])),
  };
}
