import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** One thing to end, as `take no more jobs`, `redis`. Its signal aborts when the time is up. */
export interface Closer {
  name: string;
  close(signal: AbortSignal): Promise<void> | void;
}

/** The part of `process` that shutting down needs. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): void;
}

export interface ShutdownOptions {
  process: SignalSource;
  /** Ended one after another, in this order. A failing one is logged and does not stop the rest. */
  closers: readonly Closer[];
  /** Bound for all of them together, ms. Default 25 000: below the 30 s after which Kubernetes kills. */
  boundMs?: number | undefined;
  clock: Clock;
  log: Logger;
}

export interface Shutdown {
  /** Aborted when shutting down begins. */
  readonly signal: AbortSignal;
  /** Begins it from within, as `--drain` does when the queue is empty; exits with `code` (default 0). Later calls change nothing. */
  request(reason: string, code?: number): Promise<void>;
}

/** Call it once, last in main: the first SIGTERM or SIGINT runs the closers, the second exits at once with 130. */
export function installShutdown(_options: ShutdownOptions): Shutdown {
  throw new Error('shutting down is under construction');
}
