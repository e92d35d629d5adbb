import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** Resolves to undefined when all is well, else to the reason in words (shown to anyone who can reach the port: no secrets). */
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
  /** A check that takes longer counts as failed. Default 2 000 ms. */
  checkTimeoutMs?: number | undefined;
}

/** Serves GET /healthz, /readyz and /metrics: 200, or 503 with the failed checks and their reasons as JSON. */
export interface HealthServer {
  /** Resolves to the URL it listens on. */
  start(): Promise<string>;
  close(): Promise<void>;
}

export function createHealthServer(_options: HealthServerOptions): HealthServer {
  throw new Error('the health server is under construction');
}
