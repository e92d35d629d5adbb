/** From the name of a canary to the end of its step: read it, see whether the step is due, and let the rules run or refuse it. */
import type { Done, StepOutcome } from '../../canary/action.ts';
import { isRunPhase } from '../../canary/canary.ts';
import type { CanaryStatus, Phase } from '../../canary/canary.ts';
import { withStretch } from '../../canary/conditions.ts';
import type { CanaryIdentity } from '../../canary/parse.ts';
import { readSchedule } from '../../canary/schedule.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { formatInstant } from '../../platform/clock.ts';
import type { Clock } from '../../platform/clock.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { addLogFields } from '../../platform/observability/log-context.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { noTracing } from '../../platform/observability/tracing.ts';
import type { Tracing } from '../../platform/observability/tracing.ts';
import { markUrgent } from '../../platform/kubernetes/urgency.ts';
import { shortUid } from '../../queue/step-job.ts';
import type { Deliver } from '../announcements/announce.ts';
import { analysedTarget } from '../telemetry/canary-series.ts';
import type { TargetName } from '../telemetry/canary-series.ts';
import type { Examine, Examined } from './examine.ts';
import { assured, readSurely } from './assurance.ts';
import { letGo } from './let-go.ts';
import type { PaceReader } from './pace-reader.ts';
import type { Adapters } from './perform.ts';
import { refusalWarnings, refuse, specWarnings } from './refusal.ts';
import { settleAccounts } from './settle-accounts.ts';
import type { Accounts } from './settle-accounts.ts';
import { StatusConflict, createStatusSaver } from './save-status.ts';
import { openLedger } from './status-ledger.ts';
import type { StatusLedger } from './status-ledger.ts';
import type { RestWitness, Rests } from './rests.ts';
import { placeOf, slotOf } from './slot-place.ts';
import type { NotNow } from './slot-place.ts';
import { isRollback, runStep } from './step.ts';
import type { Advance, ObserveAction } from './step.ts';
import type { Turn } from './turn.ts';

export interface TakeStepOptions extends Accounts {
  readonly client: Pick<KubernetesClient, 'get' | 'replaceStatus' | 'mergePatch'>;
  readonly examine: Examine;
  readonly advance: Advance;
  readonly adapters: Adapters;
  readonly deliver: Deliver;
  /** How far intervals are stretched at present; absent: never. */
  readonly ratio?: PaceReader | undefined;
  /** Absent where every step is taken, whatever it would find. */
  readonly rests?: Pick<Rests, 'witness'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing?: Tracing | undefined;
}

interface Taken {
  /** `conflict`: somebody else moved the Canary on; nothing more was done, and the slot is still to be taken. */
  readonly outcome: StepOutcome | 'conflict';
  readonly phase: Phase | undefined;
  /** Absent before the first run. */
  readonly run?: string;
  /** Where the step came to the checks of its run. */
  readonly analysed?: TargetName;
  /** A roll-back is decided, and something has kept the step from carrying it out. */
  readonly owesRollback?: true;
  /** What was read last time is as it was: nothing was read again. */
  readonly unchanged?: true;
}

export type TurnEnd = (Taken & { readonly kind: 'taken'; readonly slot: number }) | NotNow;

/**
 * One step, from the name of a canary on.
 *
 * @throws KubernetesError when the Canary can't be read or its status not written; the reason of an aborted signal
 */
export type TakeStep = (turn: Turn) => Promise<TurnEnd>;

export function createTakeStep(options: TakeStepOptions): TakeStep {
  return async (turn) => {
    const now = options.clock.now();
    const witness = options.rests?.witness(turn.signal);
    const object = await readCanary(options, turn);
    const schedule = readSchedule(object);
    if (object === undefined || schedule === undefined || shortUid(schedule.uid) !== turn.job.canary.uid) {
      return { kind: 'skipped', reason: 'gone' };
    }
    const place = placeOf(turn.job, schedule.rhythm, { now, cameAt: turn.cameAt });
    const times = slotOf(turn.job, schedule.rhythm, place);
    if (times !== undefined) turn.onSlot(times);
    if (place.kind !== 'current') return place;
    // Before what the last step left is delivered, for traffic that has to leave would wait until that has had its turn.
    if (schedule.urgent === true) markUrgent(turn.signal);
    const end = await work(options, turn, { object, now, slot: place.slot, rhythm: schedule.rhythm, witness });
    return { kind: 'taken', ...end, slot: place.slot };
  };
}

async function readCanary(options: TakeStepOptions, turn: Turn): Promise<KubernetesObject | undefined> {
  try {
    return await readSurely(options, turn);
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return undefined;
    throw error;
  }
}

interface Read {
  readonly object: KubernetesObject;
  readonly now: number;
  readonly slot: number;
  readonly rhythm: Rhythm;
  readonly witness: RestWitness | undefined;
}

async function work(options: TakeStepOptions, turn: Turn, read: Read): Promise<Taken> {
  const { client, deliver } = options;
  const { signal } = turn;
  const { object } = read;
  const examined = options.examine(object);
  const identity = identityOf(examined);
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
  const fence = assured(client, turn, saver);
  try {
    return await carryOut({ options, turn: { ...turn, fence }, read, ledger }, examined);
  } catch (error) {
    if (!(error instanceof StatusConflict)) throw error;
    return { outcome: 'conflict', phase: saver.saved().phase };
  }
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

/** Decides, saves, announces, and settles what follows from that. */
async function carryOut({ options, turn, read, ledger }: Work, examined: Examined): Promise<Taken> {
  const { tracing = noTracing } = options;
  const { now, slot, rhythm, witness } = read;
  const { announcements, outcome, ...decided } = await decide({ options, turn, read, ledger }, examined);
  const ratio = (await options.ratio?.()) ?? 1;
  const before = identityOf(examined).status.conditions;
  const status = withStretch(decided.status, { ratio, now: formatInstant(now), before });
  await tracing.during({ name: 'save and announce' }, () => ledger.conclude(status, announcements));
  const taken = takenOf(outcome, status);
  if (examined.kind !== 'accepted') return taken;
  const { canary } = examined;
  await settleAccounts(options, { before: canary, status, slot });
  // Not the status that was decided: the rules know nothing of an alert that still has to arrive.
  witness?.conclude(turn.job.canary, { canary, status: ledger.saved(), announcements, outcome, rhythm, ratio });
  const analysed = analysedTarget(canary, outcome);
  return { ...taken, ...(analysed && { analysed }) };
}

const takenOf = (outcome: StepOutcome, status: CanaryStatus): Taken => ({
  outcome,
  phase: status.phase,
  ...(status.run && { run: status.run.id }),
  ...(outcome === 'stopped' && isRunPhase(status.phase) && isRollback(status) && { owesRollback: true }),
});

const identityOf = (examined: Examined): CanaryIdentity =>
  examined.kind === 'accepted' ? examined.canary : examined.identity;

async function decide({ options, turn, read, ledger }: Work, examined: Examined): Promise<Omit<Done, 'kind'>> {
  const { now, slot } = read;
  if (examined.kind === 'refused' && examined.identity.deleting) {
    return letGo({ ...examined, at: { now, slot } }, ledger);
  }
  if (examined.kind === 'refused') {
    return { ...refuse(examined.identity, examined.refusals, { now, slot }), outcome: 'invalid' };
  }
  const { canary, warnings } = examined;
  const { endsAt, signal, seen, fence } = turn;
  const { advance, adapters, clock, tracing } = options;
  const context = { canary, now, endsAt, signal, seen, fence };
  const observe: ObserveAction = (action, ...how) => {
    read.witness?.observe(action);
    turn.observe(action, ...how);
  };
  const done = await runStep({ advance, adapters, ledger, observe, clock, tracing }, context, slot);
  const begun = done.outcome === 'started' ? done.status.run?.id : undefined;
  return { ...done, announcements: [...specWarnings(canary, warnings, begun), ...done.announcements] };
}
