import type { Clock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { Logger } from './observability/logger.ts';

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
  /**
   * Begins it from within, as `--drain` does when the queue is empty; exits with `code` (default 0), or with 1 when a closer
   * failed or time ran out. Later calls change nothing.
   */
  request(reason: string, code?: number): Promise<void>;
}

/** Exit code of a process that a second signal cut short, as shells report Ctrl-C. */
const interruptedCode = 130;

/** Call it once, last in main: the first SIGTERM or SIGINT runs the closers and exits 0, the second exits at once with 130. */
export function installShutdown(options: ShutdownOptions): Shutdown {
  const { process, log } = options;
  const controller = new AbortController();
  let running: Promise<void> | undefined;

  const run = async (reason: string, code: number): Promise<void> => {
    log.info({ reason }, 'shutting down');
    controller.abort(new Error(`shutting down: ${reason}`));
    const clean = await closeAll(options);
    process.exit(clean ? code : Math.max(code, 1));
  };
  const request = (reason: string, code = 0): Promise<void> => {
    running ??= run(reason, code);
    return running;
  };
  const onSignal = (name: string): void => {
    if (running !== undefined) {
      log.warn({ signal: name }, 'second signal, exiting at once');
      process.exit(interruptedCode);
      return;
    }
    void request(name);
  };
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  process.on('SIGINT', () => onSignal('SIGINT'));
  return { signal: controller.signal, request };
}

/** Did every closer end in time and without an error? */
async function closeAll({ closers, boundMs = 25_000, clock, log }: ShutdownOptions): Promise<boolean> {
  const endsAt = clock.now() + boundMs;
  let clean = true;
  for (const closer of closers) {
    try {
      await withDeadline({ clock, ms: Math.max(endsAt - clock.now(), 0) }, async (signal) => closer.close(signal));
      log.debug({ closer: closer.name }, 'closed');
    } catch (err) {
      clean = false;
      log.error({ err, closer: closer.name }, 'could not be closed in good order');
    }
  }
  return clean;
}
