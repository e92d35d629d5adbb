import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Guard } from './guard.ts';
import { identify, type ProcessIdentity, signal } from './process-table.ts';
import { lastLines } from './run.ts';
import { waitFor } from './wait.ts';

/** A server to be started. */
export interface ServerOptions {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** File that its output is added to. */
  readonly logFile: string;
  readonly guard: Guard;
}

/** A server that was started as a child of this process. */
export interface ServerProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  /** Settles when it has ended, with how it ended. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** SIGTERM, after `seconds` SIGKILL; returns when it has ended. Harmless when it already has. */
  stop(seconds?: number): Promise<void>;
  /** SIGKILL; returns when it has ended. */
  kill(): Promise<void>;
  /**
   * Waits until `isReady` says yes.
   * @throws Error with the end of its log when it ends before that or time is up.
   */
  ready(isReady: () => Promise<boolean>, seconds: number): Promise<void>;
}

/** Starts a server; its guard ends it if this process dies. */
export function startServer(options: ServerOptions): ServerProcess {
  const { name, logFile } = options;
  const { identity, ended, outcome } = launch(options);
  const isRunning = (): boolean => outcome() === undefined;
  const endBy = async (first: NodeJS.Signals, seconds: number): Promise<void> => {
    if (!isRunning()) return;
    signal(identity, first);
    const waiting = waitFor({ what: `${name} to end`, seconds, every: 10, look: outcome });
    await waiting.catch(() => signal(identity, 'SIGKILL'));
    await ended;
  };
  const tail = async (): Promise<string> => lastLines(await readFile(logFile, 'utf8'), 12);
  return {
    name,
    identity,
    ended,
    isRunning,
    stop: (seconds = 10) => endBy('SIGTERM', seconds),
    kill: () => endBy('SIGKILL', 10),
    ready: async (isReady, seconds) => {
      const look = async (): Promise<true | undefined> => {
        if (!isRunning()) throw new Error(`${name}: expected it to run, it ended: ${outcome()}\n${await tail()}`);
        return (await isReady()) ? true : undefined;
      };
      await waitFor({ what: `${name} to be ready`, seconds, look, explain: tail });
    },
  };
}

interface Launched {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<string>;
  /** How it ended; `undefined` while it runs. */
  readonly outcome: () => string | undefined;
}

function launch({ argv, env, cwd, logFile, guard }: ServerOptions): Launched {
  const log = openSync(logFile, 'a');
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const pid = child.pid ?? 0;
  const identity = identify(pid) ?? { pid, started: 0 };
  guard.tell({ kind: 'watch', process: identity });
  let outcome: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const settle = (how: string): void => {
      outcome ??= how;
      guard.tell({ kind: 'forget', pid });
      resolve(outcome);
    };
    child.once('error', (error) => settle(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => settle(by === null ? `exit code ${code}` : by));
  });
  return { identity, ended, outcome: () => outcome };
}
