/** What a job of the steps queue means: at most one step of a canary at a time, within its slot and its time limit. */
import { DelayedError } from 'bullmq';
import type { Clock } from '../../platform/clock.ts';
import { withDeadline } from '../../platform/deadline.ts';
import { addLogFields } from '../../platform/observability/log-context.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { noTracing } from '../../platform/observability/tracing.ts';
import type { SpanUnderWay, Tracing } from '../../platform/observability/tracing.ts';
import { keyText, parseStepJobId } from '../../queue/step-job.ts';
import type { StepJob, StepReport } from '../../queue/step-job.ts';
import { AdapterError } from '../context.ts';
import { asJob } from './job-trace.ts';
import type { TargetName } from '../telemetry/canary-series.ts';
import type { Lease, Leases } from '../step/lease.ts';
import { againAt, busyDelayMs, firstArrival, noteArrival, postpone } from './put-back.ts';
import type { RunningJob, Wanted } from './put-back.ts';
import { createSeenLog } from '../reads/seen-versions.ts';
import type { SeenLog } from '../reads/seen-versions.ts';
import { StepAborted, stepFailure } from './step-failure.ts';
import { createJournal, writeJournal } from './step-journal.ts';
import type { Journal } from './step-journal.ts';
import type { ObserveAction } from '../step/step.ts';
import type { Rests } from '../step/rests.ts';
import { timesOf } from '../step/slot-place.ts';
import type { SlotTimes } from '../step/slot-place.ts';
import type { TakeStep, TurnEnd } from '../step/take-step.ts';
import type { Turn } from '../step/turn.ts';

/** How one job went, for metrics. Times in milliseconds. */
export interface JobObservation {
  readonly report: StepReport;
  readonly durationMs: number;
  /** From the moment the slot was due until a worker came to its job, be it too late or while another step ran; absent for a wake. */
  readonly lagMs?: number;
  /** Where the step came to the checks of its run. */
  readonly analysed?: TargetName;
}

export interface ProcessorOptions {
  readonly takeStep: TakeStep;
  readonly leases: Leases;
  /** Steps that would find everything as it was; absent: all are taken. */
  readonly rests?: Pick<Rests, 'find'> | undefined;
  readonly clock: Clock;
  /** Bound of a step in milliseconds. */
  readonly stepTimeoutMs: number;
  readonly isServed: (namespace: string) => boolean;
  readonly log: Logger;
  readonly onAction: ObserveAction;
  readonly onEnd: (observation: JobObservation) => void;
  /** Told when another worker is at the canary; the job comes again. */
  readonly onBusy: () => void;
  /** Told when a job that is put back comes again, in epoch milliseconds. */
  readonly onPutBack?: ((until: number) => void) | undefined;
  readonly tracing?: Tracing | undefined;
}

/** @throws DelayedError when the job was put back, StepFailed when it may be tried again within its slot, StepBroken when not */
export type Processor = (job: RunningJob, token: string | undefined, signal: AbortSignal) => Promise<StepReport>;

export function createProcessor(options: ProcessorOptions): Processor {
  const { tracing = noTracing } = options;
  return (job, token, signal) => {
    const run = begin(options, job);
    const { name, canary, slot } = run.step;
    return asJob(tracing, { name, canary, job, slot }, (span) => attempt(run, { token, signal, span }));
  };
}

interface Attempt {
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly span: SpanUnderWay;
}

async function attempt(run: Run, { token, signal, span }: Attempt): Promise<StepReport> {
  let outcome: StepReport['outcome'] | undefined;
  try {
    const end = isServed(run) ? ((await atRest(run)) ?? (await exclusively(run, signal))) : notServed;
    const ended = await conclude(run, end, token);
    ({ outcome } = ended);
    span.set({ 'aviary.outcome': ended.outcome, ...(ended.reason && { 'aviary.reason': ended.reason }) });
    return ended;
  } catch (error) {
    throw error instanceof DelayedError ? error : stepFailure(error, run.slot?.endsAt);
  } finally {
    // Most steps find everything as it was: what they looked at is not worth a place in Redis.
    if (outcome !== 'settled') await writeJournal(run.job, run);
  }
}

/** One job on its way. */
interface Run {
  readonly options: ProcessorOptions;
  readonly job: RunningJob;
  readonly step: StepJob;
  readonly canary: string;
  readonly startedAt: number;
  /** When a worker first came to the job. */
  readonly cameAt: number;
  readonly log: Logger;
  readonly journal: Journal;
  slot: SlotTimes | undefined;
}

type End = TurnEnd | { readonly kind: 'busy' };

const notServed: End = { kind: 'skipped', reason: 'notServed' };

const isServed = ({ options, step }: Run): boolean => options.isServed(step.canary.namespace);

function begin(options: ProcessorOptions, job: RunningJob): Run {
  const step = parse(job.id ?? '');
  const canary = `${step.canary.namespace}/${step.canary.name}`;
  const startedAt = options.clock.now();
  return {
    options,
    job,
    step,
    canary,
    startedAt,
    cameAt: firstArrival(job, startedAt),
    log: options.log,
    journal: createJournal(),
    slot: undefined,
  };
}

function parse(id: string): StepJob {
  try {
    return parseStepJobId(id);
  } catch (error) {
    throw stepFailure(error, undefined);
  }
}

/** Needs no lease: nothing is going to be written. */
async function atRest(run: Run): Promise<End | undefined> {
  const { step, options } = run;
  const rest = await options.rests?.find(step).catch(() => undefined);
  if (rest === undefined || step.slot === undefined) return undefined;
  run.slot = timesOf(rest.rhythm, step.slot);
  const { phase, run: id } = rest;
  return { kind: 'taken', outcome: 'settled', slot: step.slot, phase, unchanged: true, ...(id && { run: id }) };
}

/** Takes the canary's lease for the time of the step, and stops the step when lease, job, process or time is lost. */
async function exclusively(run: Run, signal: AbortSignal): Promise<End> {
  const { leases, clock, stepTimeoutMs } = run.options;
  const controller = new AbortController();
  const abort = (why: string): void => controller.abort(new StepAborted(why));
  const onAbort = (): void => abort(String(signal.reason));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const lease = await leases.take(keyText(run.step.canary), (error) => abort(error.message)).catch(unreachable);
  if (lease === undefined) return { kind: 'busy' };
  const seen = createSeenLog(lease.found, run.job.data?.seen);
  try {
    return await withDeadline({ clock, ms: stepTimeoutMs, signal: controller.signal }, (stepSignal) =>
      run.options.takeStep(turnOf(run, { lease, seen }, stepSignal)),
    );
  } finally {
    signal.removeEventListener('abort', onAbort);
    await lease.release(seen.text());
  }
}

/** Without Redis there is no lease, and without a lease no step. */
function unreachable(error: unknown): never {
  throw new StepAborted('the lease of the canary could not be taken: Redis did not answer as expected', {
    cause: error,
  });
}

function turnOf(run: Run, { lease, seen }: { lease: Lease; seen: SeenLog }, signal: AbortSignal): Turn {
  const { options, step: job, journal } = run;
  return {
    job,
    cameAt: run.cameAt,
    endsAt: options.clock.now() + options.stepTimeoutMs,
    signal,
    seen,
    fence: async () => {
      if (!signal.aborted && (await lease.confirm())) return;
      throw new AdapterError('conflict', `the step of ${run.canary} may not write any more: ${whyNot(signal)}`);
    },
    observe: (action, outcome, durationMs) => {
      journal.note(action, outcome, durationMs);
      options.onAction(action, outcome, durationMs);
    },
    onSlot: (slot) => {
      run.slot = slot;
    },
  };
}

const whyNot = (signal: AbortSignal): string =>
  signal.reason instanceof Error ? signal.reason.message : 'another worker may be at it';

/** The only place that decides what the end of a step means to the queue. */
async function conclude(run: Run, end: End, token: string | undefined): Promise<StepReport> {
  const { options, step, canary } = run;
  switch (end.kind) {
    case 'busy':
      options.onBusy();
      return lookAgain(run, { until: options.clock.now() + busyDelayMs, token });
    case 'early':
      return putBack(run, { until: end.dueAt, token });
    case 'skipped': {
      const slot = step.slot === undefined ? {} : { slot: step.slot };
      return report(run, { canary, outcome: 'skipped', reason: end.reason, ...slot });
    }
    case 'taken': {
      const again = againAt(end, run.slot, { now: options.clock.now(), cameAt: run.cameAt });
      if (again !== undefined) return lookAgain(run, { until: again, token });
      const phase = end.phase === undefined ? {} : { phase: end.phase };
      return report(run, { canary, ...phase, outcome: end.outcome, slot: end.slot }, end);
    }
    default:
      return end satisfies never;
  }
}

const lookAgain = (run: Run, wanted: Wanted): Promise<never> =>
  noteArrival(run.job, run.step, run.cameAt).then(() => putBack(run, wanted));

function putBack({ options, job }: Run, wanted: Wanted): Promise<never> {
  options.onPutBack?.(wanted.until);
  return postpone(job, wanted);
}

type TakenOf = Pick<Extract<TurnEnd, { kind: 'taken' }>, 'run' | 'analysed' | 'unchanged'>;

function report(
  { options, step, slot, startedAt, cameAt, log }: Run,
  ended: StepReport,
  taken: TakenOf = {},
): StepReport {
  const { run, analysed, unchanged } = taken;
  const durationMs = options.clock.now() - startedAt;
  if (run !== undefined) addLogFields({ run });
  log.info(
    { ...ended, ...(unchanged && { unchanged }), durationMs },
    ended.outcome === 'skipped' ? 'step skipped' : 'step taken',
  );
  const lag = step.slot !== undefined && slot !== undefined ? { lagMs: Math.max(0, cameAt - slot.dueAt) } : {};
  options.onEnd({ report: ended, durationMs, ...lag, ...(analysed && { analysed }) });
  return ended;
}
