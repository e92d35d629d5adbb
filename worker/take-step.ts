/** From the name of a canary to the end of its step: read it, see whether the step is due, and let the rules run or refuse it. */
import type { Done, StepOutcome } from '../canary/action.ts';
import type { Announcement, CanaryStatus, Condition, Phase } from '../canary/canary.ts';
import { withStretch } from '../canary/conditions.ts';
import { readSchedule } from '../canary/schedule.ts';
import { dueAt, positionOf, slotAt } from '../canary/slot.ts';
import type { Rhythm } from '../canary/slot.ts';
import { formatInstant } from '../platform/clock.ts';
import type { Clock } from '../platform/clock.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { isKubernetesError } from '../platform/kubernetes-error.ts';
import { nameOf } from '../platform/kubernetes-object.ts';
import type { KubernetesObject } from '../platform/kubernetes-object.ts';
import { addLogFields } from '../platform/log-context.ts';
import type { Logger } from '../platform/logger.ts';
import { canaries } from '../platform/resources.ts';
import { noTracing } from '../platform/tracing.ts';
import type { Tracing } from '../platform/tracing.ts';
import type { SkipReason, StepJob } from '../queue/step-job.ts';
import { shortUid } from '../queue/step-job.ts';
import { analysedTarget } from './canary-series.ts';
import type { TargetName } from './canary-series.ts';
import type { Examine, Examined } from './examine.ts';
import { letGo } from './let-go.ts';
import type { PaceReader } from './pace-reader.ts';
import type { Adapters } from './perform.ts';
import { refusalWarnings, refuse, specWarnings } from './refusal.ts';
import { settleAccounts } from './settle-accounts.ts';
import type { Accounts } from './settle-accounts.ts';
import { StatusConflict, createStatusSaver } from './save-status.ts';
import { openLedger } from './status-ledger.ts';
import type { StatusLedger } from './status-ledger.ts';
import type { SeenLog } from './seen-versions.ts';
import { runStep } from './step.ts';
import type { Advance, ObserveAction } from './step.ts';

export interface TakeStepOptions extends Accounts {
  readonly client: Pick<KubernetesClient, 'get' | 'replaceStatus' | 'mergePatch'>;
  readonly examine: Examine;
  readonly advance: Advance;
  readonly adapters: Adapters;
  readonly deliver: Deliver;
  /** How far intervals are stretched at present; absent: never. */
  readonly ratio?: PaceReader | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing?: Tracing | undefined;
}

/** Delivers what was announced about a Canary; resolves to what could not be delivered. */
export type Deliver = (
  about: Examined,
  announcements: readonly Announcement[],
  signal: AbortSignal,
) => Promise<readonly Announcement[]>;

/** Epoch milliseconds. */
export interface SlotTimes {
  readonly dueAt: number;
  readonly endsAt: number;
}

/** What a step is handed by the job that it runs in. */
export interface Turn {
  readonly job: StepJob;
  /** Epoch milliseconds at which the step is aborted. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
  readonly seen: SeenLog;
  readonly fence: () => Promise<void>;
  readonly observe: ObserveAction;
  /** Told as soon as the slot is known. */
  readonly onSlot: (slot: SlotTimes) => void;
}

interface Taken {
  /** `conflict`: somebody else moved the Canary on; nothing more was done. */
  readonly outcome: StepOutcome | 'conflict';
  readonly phase: Phase | undefined;
  /** Absent before the first run. */
  readonly run?: string;
  /** Where the step came to the checks of its run. */
  readonly analysed?: TargetName;
}

export type TurnEnd =
  | (Taken & { readonly kind: 'taken'; readonly slot: number })
  | { readonly kind: 'skipped'; readonly reason: SkipReason }
  /** Not due yet; epoch milliseconds. */
  | { readonly kind: 'early'; readonly dueAt: number };

export type TakeStep = (turn: Turn) => Promise<TurnEnd>;

export function createTakeStep(options: TakeStepOptions): TakeStep {
  return async (turn) => {
    const now = options.clock.now();
    const object = await readCanary(options, turn);
    const schedule = readSchedule(object);
    if (object === undefined || schedule === undefined || shortUid(schedule.uid) !== turn.job.canary.uid) {
      return { kind: 'skipped', reason: 'gone' };
    }
    const place = placeOf(turn.job, schedule.rhythm, now);
    tellSlot(turn, schedule.rhythm, { place, now });
    if (place.kind !== 'current') return place;
    const end = await work(options, turn, { object, now, slot: place.slot });
    return { kind: 'taken', ...end, slot: place.slot };
  };
}

async function readCanary(
  { client }: TakeStepOptions,
  { job, signal, seen }: Turn,
): Promise<KubernetesObject | undefined> {
  const { namespace, name } = job.canary;
  try {
    const object = await client.get(canaries, { namespace, name }, { signal, notBefore: seen.notBefore });
    seen.note(canaries, object);
    return object;
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return undefined;
    throw error;
  }
}

type Place = { readonly kind: 'current'; readonly slot: number } | Exclude<TurnEnd, { kind: 'taken' }>;

/** A wake takes whatever slot is current; a slot's own job only that slot. */
function placeOf(job: StepJob, rhythm: Rhythm, now: number): Place {
  if (job.slot === undefined) return { kind: 'current', slot: slotAt(rhythm, now) };
  const position = positionOf(rhythm, job.slot, now);
  switch (position.kind) {
    case 'current':
      return { kind: 'current', slot: job.slot };
    case 'passed':
      return { kind: 'skipped', reason: 'slotPassed' };
    case 'early':
      // Clocks differ by little; a slot that is further away was numbered by another interval.
      return position.dueAt - now > rhythm.intervalMs ? { kind: 'skipped', reason: 'slotRenumbered' } : position;
    default:
      return position satisfies never;
  }
}

/** A slot that lies further back, in milliseconds, was numbered by another interval. */
const longestMissMs = 3_600_000;

/** Also one that was missed: where workers are too few for any slot, the lag has to show. */
function tellSlot({ job, onSlot }: Turn, rhythm: Rhythm, { place, now }: { place: Place; now: number }): void {
  const isMissed = place.kind === 'skipped' && place.reason === 'slotPassed';
  const slot = place.kind === 'current' ? place.slot : job.slot;
  if (slot === undefined || (place.kind !== 'current' && !isMissed)) return;
  const times = { dueAt: dueAt(rhythm, slot), endsAt: dueAt(rhythm, slot + 1) };
  if (now - times.endsAt < longestMissMs) onSlot(times);
}

interface Read {
  readonly object: KubernetesObject;
  readonly now: number;
  readonly slot: number;
}

async function work(options: TakeStepOptions, turn: Turn, read: Read): Promise<Taken> {
  const { client, deliver } = options;
  const { signal } = turn;
  const { object } = read;
  const examined = options.examine(object);
  const identity = examined.kind === 'accepted' ? examined.canary : examined.identity;
  addLogFields({ slot: read.slot, ...(identity.status.run && { run: identity.status.run.id }) });
  const saver = createStatusSaver({
    client,
    object,
    status: identity.status,
    signal,
    onWritten: (written) => turn.seen.note(canaries, written),
  });
  const ledger = await openLedger({
    saver,
    deliver: (announcements) => deliver(examined, announcements, signal),
    onDropped: (dropped) => {
      const lost = dropped.map(({ kind, id }) => ({ kind, id }));
      options.log.error({ canary: nameOf(object.metadata), lost }, outboxIsFull);
      return refusalWarnings(identity, [outboxIsFull], read);
    },
    signal,
  });
  try {
    const { announcements, outcome, ...decided } = await decide({ options, turn, read, ledger }, examined);
    const status = await paced(options, decided.status, { now: read.now, before: identity.status.conditions });
    const { tracing = noTracing } = options;
    await tracing.during({ name: 'save and announce' }, () => ledger.conclude(status, announcements));
    if (examined.kind === 'accepted')
      await settleAccounts(options, { before: examined.canary, status, slot: read.slot });
    const analysed = examined.kind === 'accepted' ? analysedTarget(examined.canary, outcome) : undefined;
    return { outcome, phase: status.phase, ...(status.run && { run: status.run.id }), ...(analysed && { analysed }) };
  } catch (error) {
    if (!(error instanceof StatusConflict)) throw error;
    return { outcome: 'conflict', phase: saver.saved().phase };
  }
}

/** What the step decided, and whether steps come as often as they should. */
async function paced(
  { ratio }: TakeStepOptions,
  status: CanaryStatus,
  { now, before }: { readonly now: number; readonly before: readonly Condition[] },
): Promise<CanaryStatus> {
  return ratio === undefined ? status : withStretch(status, { ratio: await ratio(), now: formatInstant(now), before });
}

/** Says no number: a text that repeats is one Event. */
const outboxIsFull =
  'too many alerts and events wait to be delivered: the status keeps the oldest no longer, check the receivers';

interface Work {
  readonly options: TakeStepOptions;
  readonly turn: Turn;
  readonly read: Read;
  readonly ledger: StatusLedger;
}

async function decide({ options, turn, read, ledger }: Work, examined: Examined): Promise<Omit<Done, 'kind'>> {
  const { now, slot } = read;
  if (examined.kind === 'refused' && examined.identity.deleting) {
    return letGo({ ...examined, at: { now, slot } }, ledger);
  }
  if (examined.kind === 'refused') {
    return { ...refuse(examined.identity, examined.refusals, { now, slot }), outcome: 'invalid' };
  }
  const { canary, warnings } = examined;
  const { endsAt, signal, seen, fence, observe } = turn;
  const { advance, adapters, clock, tracing } = options;
  const context = { canary, now, endsAt, signal, seen, fence };
  const done = await runStep({ advance, adapters, ledger, observe, clock, tracing }, context, slot);
  const begun = done.outcome === 'started' ? done.status.run?.id : undefined;
  return { ...done, announcements: [...specWarnings(canary, warnings, begun), ...done.announcements] };
}
