/**
 * Canaries at rest: a settled step that has only read, and only from watches, comes to the same until one of those objects
 * changes. Most steps of a large cluster are of this kind, and to compare versions is a small part of what they cost.
 *
 * It is the memory of one process and may be lost: what is not in it is found out by a step. Decision record 0027.
 */
import type { Action, StepOutcome } from '../../canary/action.ts';
import type { Announcement, Canary, CanaryStatus, Phase } from '../../canary/canary.ts';
import { isAtRest } from '../../canary/rest.ts';
import { positionOf } from '../../canary/slot.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { targetConflict } from '../../canary/target-conflict.ts';
import type { TargetClaim } from '../../canary/target-conflict.ts';
import type { Clock } from '../../platform/clock.ts';
import { witnessReads } from '../../platform/kubernetes/read-witness.ts';
import type { SeenRead } from '../../platform/kubernetes/read-witness.ts';
import { keyText } from '../../queue/step-job.ts';
import type { CanaryKey, StepJob } from '../../queue/step-job.ts';
import type { Leases } from './lease.ts';
import type { PaceReader } from './pace-reader.ts';
import { createSeenLog } from '../reads/seen-versions.ts';

/** What a step would have come to. */
export interface Rest {
  readonly phase: Phase | undefined;
  /** Absent before the first run. */
  readonly run?: string;
  readonly rhythm: Rhythm;
}

/** How a step has ended. */
export interface Concluded {
  readonly canary: Canary;
  readonly status: CanaryStatus;
  readonly announcements: readonly Announcement[];
  readonly outcome: StepOutcome;
  readonly rhythm: Rhythm;
  /** How far intervals were stretched, which the status tells. */
  readonly ratio: number;
}

/** Looks on while a step is taken. */
export interface RestWitness {
  observe(action: Action): void;
  /** To be called when nothing of the step is left to do. */
  conclude(key: CanaryKey, end: Concluded): void;
}

export interface Rests {
  /** @param signal of the step, under which it sends its requests */
  witness(signal: AbortSignal): RestWitness;
  /** Whether the step of a slot that is current would find everything as it was; undefined when it has to be taken. */
  find(job: StepJob): Promise<Rest | undefined>;
}

export interface RestsOptions {
  readonly leases: Pick<Leases, 'left'>;
  readonly ratio: PaceReader;
  /** The Canaries that have the same target. */
  readonly claims: (canary: TargetClaim) => Iterable<TargetClaim>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Milliseconds after which a step is taken all the same: some of what it looks at, as a mesh's version, has no watch. */
const longestRestMs = 600_000;

/** What they come to follows from what the client has read. Others ask hooks, providers or Redis. */
const repeatable: ReadonlySet<Action['kind']> = new Set([
  'observeTarget',
  'ensureServices',
  'ensureApex',
  'ensurePrimary',
  'ensureScaler',
  'ensureRoutes',
  'together',
]);

interface Known extends Rest {
  readonly claim: TargetClaim;
  readonly ratio: number;
  readonly reads: readonly SeenRead[];
  /** Epoch milliseconds of the step. */
  readonly since: number;
}

export function createRests(options: RestsOptions): Rests {
  const { clock, leases, ratio } = options;
  /** In the order of their steps. */
  const known = new Map<string, Known>();
  const keep = (key: string, one: Known): void => {
    known.delete(key);
    known.set(key, one);
    for (const [oldest, { since }] of known) {
      if (clock.now() - since < longestRestMs) break;
      known.delete(oldest);
    }
  };
  return {
    witness: (signal) => createWitness(options, signal, keep),
    find: async (job) => {
      const key = keyText(job.canary);
      const rest = known.get(key);
      if (rest === undefined || !isWorthAsking(rest, job, clock.now())) return undefined;
      const [left, current] = await Promise.all([leases.left(key), ratio()]);
      if (current === rest.ratio && isUnchanged(options, rest, left)) return rest;
      known.delete(key);
      return undefined;
    },
  };
}

/** A wake has a reason, which a watch may not have brought yet. */
const isWorthAsking = ({ rhythm, since }: Known, job: StepJob, now: number): boolean =>
  job.name === 'step' && now - since < longestRestMs && positionOf(rhythm, job.slot, now).kind === 'current';

function isUnchanged({ claims }: RestsOptions, { reads, claim }: Known, left: string | undefined): boolean {
  const { notBefore } = createSeenLog(left);
  return (
    reads.every(({ source, key, version }) => source.isStill(key, version, notBefore)) &&
    targetConflict(claim, claims(claim)) === undefined
  );
}

function createWitness(
  { clock }: RestsOptions,
  signal: AbortSignal,
  keep: (key: string, one: Known) => void,
): RestWitness {
  const since = clock.now();
  const readsOf = witnessReads(signal);
  let isRepeatable = true;
  return {
    observe: ({ kind }) => {
      isRepeatable &&= repeatable.has(kind);
    },
    conclude: (key, { canary, status, announcements, outcome, rhythm, ratio }) => {
      const reads = readsOf();
      const isQuiet = outcome === 'settled' && announcements.length === 0 && isAtRest(status);
      if (reads === undefined || !isRepeatable || !isQuiet) return;
      const { phase, run } = status;
      keep(keyText(key), { phase, ...(run && { run: run.id }), rhythm, claim: claimOf(canary), ratio, reads, since });
    },
  };
}

/** No more of the Canary than that is worth remembering. */
const claimOf = ({ namespace, name, creationTimestamp, spec: { target } }: Canary): TargetClaim => ({
  namespace,
  name,
  creationTimestamp,
  spec: { target },
});
