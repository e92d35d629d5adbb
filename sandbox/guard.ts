import { spawn } from 'node:child_process';
import { builtProgram } from './environment.ts';
import type { ProcessIdentity } from './process-table.ts';

/** What a guard is told: which processes to end and which folders to remove when its owner is gone. */
export type GuardOrder =
  | { readonly kind: 'watch'; readonly process: ProcessIdentity }
  | { readonly kind: 'forget'; readonly pid: number }
  | { readonly kind: 'remove'; readonly directory: string }
  /** A command to be run, for what takes more than ending processes and removing folders. */
  | { readonly kind: 'run'; readonly argv: readonly [string, ...string[]] }
  /** All is in order: take back every other order. */
  | { readonly kind: 'dismiss' };

/** Cleans up after this process, even when it dies by a signal that nobody can catch. */
export interface Guard {
  readonly pid: number;
  tell(order: GuardOrder): void;
  /** Ends the guard; what it was told to remove and to end, it removes and ends. */
  release(): Promise<void>;
}

/**
 * Starts a guard: a small process in a session of its own that reads orders from a pipe. When the pipe ends, its owner
 * has released it or is dead; either way the guard does its work and leaves.
 */
export function createGuard(): Guard {
  const child = spawn(process.execPath, [builtProgram('guard-main.js')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => {}); // a guard that was killed cannot be told anything
  child.unref();
  return {
    pid: child.pid ?? 0,
    tell: (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
    },
    release: async () => {
      child.ref();
      child.stdin.end();
      await closed;
    },
  };
}
