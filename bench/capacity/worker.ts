/** The simulation's workers, seen from outside. */
import { waitFor } from '../../sandbox/wait.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

/** What became of the job of a slot. */
export interface TakenSlot {
  /** `namespace/name` */
  readonly canary: string;
  readonly slot: number;
  /** Milliseconds between the moment the slot was due and the start of its step. */
  readonly latenessMs: number;
  /** Epoch milliseconds. */
  readonly finishedAt: number;
  /** False for one whose slot had passed. */
  readonly isTaken: boolean;
}

/** `rest`: canaries at rest; `step`: each takes its lease. */
export type StepKind = 'rest' | 'step';

export interface Workers {
  readonly pids: readonly number[];
  /** They take no job before. */
  begin(): Promise<void>;
  /** What all of them have taken since this was last asked. */
  taken(): Promise<readonly TakenSlot[]>;
  /** How much that is, and leaves it there. */
  count(): Promise<number>;
  end(): Promise<void>;
}

export interface WorkersOptions {
  readonly url: string;
  readonly processes: number;
  readonly kind: StepKind;
  /** Milliseconds that finished jobs are kept; three minutes unless told, as workers do. */
  readonly keepFinishedMs?: number;
}

const usualKeepMs = 180_000;

export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { url, processes, kind, keepFinishedMs = usualKeepMs } = options;
  const args = [url, kind, String(keepFinishedMs)];
  const children: readonly Child<object>[] = Array.from({ length: processes }, () => startChild('worker-main', args));
  const isStarted = (): true | undefined => (children.every(({ said }) => said.length > 0) ? true : undefined);
  await waitFor({ what: `${processes} workers to start`, seconds: 60, look: isStarted });
  return {
    pids: children.map(({ pid }) => pid),
    begin: async () => void (await Promise.all(children.map((child) => child.ask('begin')))),
    taken: async () => (await Promise.all(children.map((child) => child.ask<TakenSlot[]>('taken')))).flat(),
    count: async () => {
      const counts = await Promise.all(children.map((child) => child.ask<number>('count')));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    end: async () => void (await Promise.all(children.map((child) => child.end()))),
  };
}
