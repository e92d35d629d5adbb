/** The programs as their users run them, in processes of their own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { Guard } from '../../sandbox/guard.ts';
import { identify } from '../../sandbox/process-table.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { CanaryCluster } from './canary-cluster.ts';

export interface AviaryProcess {
  /** What it has logged so far, one object a line. */
  lines(): readonly Record<string, unknown>[];
  /** What it has written to standard error. */
  errors(): string;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  ended(seconds?: number): Promise<number | string>;
  /** The first line with this message. */
  said(message: string, seconds?: number): Promise<Record<string, unknown>>;
}

export interface ProcessOptions {
  readonly program: 'scheduler' | 'worker' | 'console' | 'loadtester';
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends the process if the test's own process dies, even one that is frozen and could not end by itself. */
  readonly guard?: Guard;
}

/** The variables of a process on this cluster; `prefix` keeps tests apart. */
export const settingsOn = ({ light }: CanaryCluster, prefix: string): Record<string, string> => ({
  KUBECONFIG: light.kubeconfigPath,
  REDIS_URL: light.redisUrl,
  REDIS_PREFIX: `{${prefix}}`,
  PORT: '0',
  LOG_LEVEL: 'debug',
});

/** A process that the test's end ends too. */
export function startProcessFor(t: ExecutionContext, options: ProcessOptions): AviaryProcess {
  const process = startProcess(options);
  t.teardown(() => process.kill('SIGKILL'));
  return process;
}

/** The first line with this message that one of these processes writes from now on; those of before count for nothing. */
export function nextLine(
  processes: readonly AviaryProcess[],
  message: string,
  seconds = 40,
): Promise<Record<string, unknown>> {
  const known = processes.map((process) => process.lines().length);
  return waitFor({
    what: `a process to say '${message}' from now on`,
    seconds,
    look: () =>
      processes.flatMap((process, index) => process.lines().slice(known[index])).find(({ msg }) => msg === message),
  });
}

export function startProcess({ program, args = [], env, guard }: ProcessOptions): AviaryProcess {
  const script = fileURLToPath(new URL(`../../${program}/main.js`, import.meta.url));
  const path = process.env['PATH'] ?? '';
  const child = spawn(process.execPath, [script, ...args], { env: { PATH: path, ...env }, stdio: 'pipe' });
  const identity = identify(child.pid ?? 0);
  if (identity !== undefined) guard?.tell({ kind: 'watch', process: identity });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  let end: number | string | undefined;
  child.once('close', (code, signal) => {
    end = code ?? signal ?? '';
    guard?.tell({ kind: 'forget', pid: child.pid ?? 0 });
  });
  const lines = (): Record<string, unknown>[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const explain = (): string => `${errors}\n${out.split('\n').slice(-10).join('\n')}`;
  return {
    lines,
    errors: () => errors,
    kill: (signal) => void child.kill(signal),
    ended: (seconds = 30) => waitFor({ what: `${program} to end`, seconds, look: () => end, explain }),
    said: (message, seconds = 30) =>
      waitFor({
        what: `${program} to say '${message}'`,
        seconds,
        look: () => lines().find(({ msg }) => msg === message),
        explain,
      }),
  };
}
