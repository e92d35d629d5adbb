import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Clock } from '../platform/clock.ts';
import { createBoundedOutput } from './bounded-output.ts';
import type { Program } from './tasks/task.ts';

/** How a command ended. `output` is what it wrote to stdout and stderr, in the order in which it wrote it. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly status: number; readonly output: string }
  | { readonly kind: 'signalled'; readonly signal: string; readonly output: string }
  | { readonly kind: 'expired'; readonly afterMs: number; readonly output: string }
  | { readonly kind: 'stopped'; readonly output: string }
  | { readonly kind: 'notStarted'; readonly why: string; readonly output: string };

export interface RunCommandOptions {
  program: Program;
  /** The whole environment of the command; nothing is inherited. */
  environment: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
  maxOutputBytes: number;
  /** Aborted: the command is killed and the result is `stopped`. */
  signal: AbortSignal;
  clock: Clock;
}

/** Why a command was killed. */
type Cut = { readonly kind: 'expired'; readonly afterMs: number } | { readonly kind: 'stopped' };

// How long the pipe of a killed group may still deliver what was in it. Only a process that left the group keeps it open longer.
const DRAIN_MS = 500;

/**
 * Runs a program in a process group of its own and waits until it has ended and nobody holds its output any more. When the
 * time is up, or the signal is aborted, the whole group is killed (spec/loadtester.md section 4). Never rejects.
 */
export function runCommand(options: RunCommandOptions): Promise<CommandResult> {
  if (options.signal.aborted) return Promise.resolve({ kind: 'stopped', output: '' });
  try {
    return follow(start(options), options);
  } catch (error) {
    return Promise.resolve(notStarted(options.program, error));
  }
}

/** A shell gives the program one pipe for both streams and becomes it: of two pipes nobody knows which line came first. */
function start({ program, environment }: RunCommandOptions): ChildProcess {
  return spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', program.file, ...program.args], {
    detached: true,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function follow(child: ChildProcess, options: RunCommandOptions): Promise<CommandResult> {
  const { clock, signal, timeoutMs } = options;
  const output = createBoundedOutput(options.maxOutputBytes);
  // A child that no file descriptor was left for has no pipe; its error event, which must be listened to, tells why.
  child.stdout?.on('data', output.append);

  return new Promise((resolve) => {
    let cut: Cut | undefined;
    let cancelDrain = (): void => undefined;
    const kill = (why: Cut): void => {
      if (cut !== undefined) return;
      cut = why;
      killGroup(child);
      cancelDrain = clock.after(DRAIN_MS, () => child.stdout?.destroy());
    };
    const cancelTimeout = clock.after(timeoutMs, () => kill({ kind: 'expired', afterMs: timeoutMs }));
    const onAbort = (): void => kill({ kind: 'stopped' });
    signal.addEventListener('abort', onAbort, { once: true });

    const settle = (result: CommandResult): void => {
      cancelTimeout();
      cancelDrain();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.once('error', (error) => settle(notStarted(options.program, error)));
    child.once('close', (status, signalName) => {
      const end = cut ?? endOf(status, signalName);
      settle({ ...end, output: output.text() });
    });
  });
}

const endOf = (status: number | null, signal: string | null) =>
  status === null
    ? ({ kind: 'signalled', signal: signal ?? 'unknown' } as const)
    : ({ kind: 'exited', status } as const);

/** A detached child leads a group that has its pid; the group lives on while any member does. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group ended by itself a moment ago, or changed its user and is not ours to kill.
  }
}

/** Only the code of the error: its message may quote the arguments, which may hold what must not be logged. */
function notStarted({ file }: Program, error: unknown): CommandResult {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return { kind: 'notStarted', why: `${file}: ${code}`, output: '' };
}

export const isSuccess = (result: CommandResult): boolean => result.kind === 'exited' && result.status === 0;

/** What went wrong, for the answer to a webhook. */
export function wordFailure(result: CommandResult): string {
  switch (result.kind) {
    case 'exited':
      return `exit status ${result.status}`;
    case 'signalled':
      return `signal: ${result.signal}`;
    case 'expired':
      return `killed because it did not end within ${result.afterMs / 1000} s`;
    case 'stopped':
      return 'killed because the load tester is shutting down';
    case 'notStarted':
      return `not started: ${result.why}`;
    default:
      return result satisfies never;
  }
}
