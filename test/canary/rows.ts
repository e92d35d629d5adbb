/**
 * Tables of rules. A row is a sentence, a canary, what differs from a cluster in which all is well, and how the step
 * goes: what is asked and done in order, and how it ends. What a row does not name has not changed.
 */
import type {
  Action,
  Done,
  FailureReason,
  MetricAnswer,
  MetricStage,
  Outcome,
  StepOutcome,
} from '../../canary/action.ts';
import { actionKey } from '../../canary/action-key.ts';
import { advance } from '../../canary/advance.ts';
import type { Announcement, Canary, CanaryStatus, Run } from '../../canary/canary.ts';
import type { HookType } from '../../canary/spec.ts';
import type { StepTime } from '../../canary/step.ts';
import { seenOf, usual } from './situations.ts';
import type { Seen } from './situations.ts';
import { intervalMs } from './story.ts';

export interface Row {
  /** A sentence. */
  readonly title: string;
  readonly canary: Canary;
  readonly seen?: Seen;
  /** Answers by action key, for what is not as it should be. */
  readonly facts?: Readonly<Record<string, Outcome>>;
  readonly at?: Partial<StepTime>;
  /** The step is the n-th of its kind in a row; those before it are not looked at. */
  readonly nth?: number;
  /** Keys of all actions of the step in order. */
  readonly asks: readonly string[];
  /** What certain actions must carry, by key. */
  readonly carrying?: Readonly<Record<string, object>>;
  readonly ends: Ending;
}

export interface Ending {
  readonly outcome: StepOutcome;
  /** What has changed of the position; undefined for what has gone. */
  readonly becomes?: Partial<Position>;
  /** Events in order. */
  readonly says?: readonly string[];
  /** Alerts in order. */
  readonly tells?: readonly string[];
  /** Counters as `success completed`. */
  readonly counts?: readonly string[];
  /** Reason of the condition. */
  readonly stalled?: string;
  /** Reason and message of the condition Queued. */
  readonly queued?: string;
  /** Message of the condition Promoted, where the phase alone does not tell it. */
  readonly promotedSays?: string;
  /** Message of the condition Ready, where the row is about it. */
  readonly readySays?: string;
  /** Notes of the run afterwards, and how many pods it has seen ready, where the row is about them. */
  readonly remembers?: Partial<Pick<Run, 'said' | 'steady'>>;
}

/** A status, as far as the rules decide it. Times are milliseconds before the step. */
export interface Position {
  readonly phase: string | undefined;
  readonly weight: number;
  readonly iterations: number;
  readonly failedChecks: number;
  readonly applied: string | undefined;
  readonly promoted: string | undefined;
  readonly configs: Readonly<Record<string, string>> | undefined;
  readonly run: string | undefined;
  readonly lastSlot: number | undefined;
  readonly lastStep: number | undefined;
  readonly waited: number | undefined;
  readonly drained: number | undefined;
  /** Pods that the primary is to have at least. */
  readonly size: number | undefined;
  /** Since when. */
  readonly sized: number | undefined;
  readonly decision: string | undefined;
  readonly owed: string | undefined;
  readonly checkErrors: number;
  readonly mirrored: boolean;
  readonly canaryCookie: string | undefined;
  readonly primaryCookie: string | undefined;
  readonly previousCookie: string | undefined;
}

/** A table, and what it is about. */
export interface Table {
  readonly about: string;
  readonly rows: readonly Row[];
}

export interface Played {
  readonly before: CanaryStatus;
  readonly asked: readonly Action[];
  readonly done: Done;
  /** Of the whole step, recorded ones first. */
  readonly announcements: readonly Announcement[];
  readonly at: StepTime;
}

/** Plays the step of a row to its end. */
export function play(row: Row): Played {
  const begin = { ...usual, ...row.at };
  let { canary } = row;
  for (let step = 1; step < (row.nth ?? 1); step += 1) {
    canary = { ...canary, status: playStep(row, canary, timeOf(begin, step - 1)).done.status };
  }
  return playStep(row, canary, timeOf(begin, (row.nth ?? 1) - 1));
}

const timeOf = ({ now, slot }: StepTime, steps: number): StepTime => ({
  now: now + steps * intervalMs,
  slot: slot + steps,
});

function playStep(row: Row, canary: Canary, at: StepTime): Played {
  freeze(canary);
  const facts = new Map<string, Outcome>();
  const asked: Action[] = [];
  for (;;) {
    const next = advance(canary, facts, at);
    if (next.kind === 'done') {
      refuseUnasked(row, facts);
      const recorded = asked.flatMap((action) => (action.kind === 'record' ? action.announcements : []));
      return { before: canary.status, asked, done: next, announcements: [...recorded, ...next.announcements], at };
    }
    asked.push(next);
    facts.set(actionKey(next), answer(row, canary, next));
  }
}

/** The rules change nothing in place. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

/** A fact that nobody asks for is a slip of the table. */
function refuseUnasked(row: Row, facts: ReadonlyMap<string, Outcome>): void {
  const asked = [...facts.keys()].flatMap((key) => (key.includes(' + ') ? [key, ...key.split(' + ')] : [key]));
  const unasked = Object.keys(row.facts ?? {}).filter((key) => !asked.includes(key));
  if (unasked.length > 0) throw new Error(`never asked for: ${unasked.join(', ')}; asked: ${asked.join(', ')}`);
}

const ok = (value: unknown): Outcome => ({ ok: true, value });

function answer(row: Row, canary: Canary, action: Action): Outcome {
  const given = row.facts?.[actionKey(action)];
  // One action together with none has the key of the one.
  const isAlone = action.kind === 'together' && action.actions.length === 1;
  if (given !== undefined && !isAlone) return given;
  if (action.kind === 'together') return ok(action.actions.map((part) => answer(row, canary, part)));
  return ok(answerWhenAllIsWell(row, canary, action));
}

function answerWhenAllIsWell(row: Row, canary: Canary, action: Action): unknown {
  switch (action.kind) {
    case 'observeTarget':
      return seenOf(canary, row.seen);
    case 'callHook':
      return { passed: action.hook.type !== 'rollback', detail: '' };
    case 'queryMetric':
      return { kind: 'value', value: action.metric.name === 'request-success-rate' ? 100 : 0 };
    default:
      return usualAnswers[action.kind] ?? null;
  }
}

const usualAnswers: Partial<Record<Action['kind'], object>> = {
  observeMetricProviders: { kind: 'available' },
  observeEndpoints: { primary: 1, apexServesPrimary: true, apexServesTarget: true },
  promote: { kind: 'copied' },
  admitRun: { kind: 'admitted' },
  observeNamespace: { deleting: false },
  restoreTarget: { kind: 'ready' },
  restoreApex: { changed: false, leadsToTarget: true },
  restoreRoutes: { changed: false },
  sizePrimary: { raised: false },
};

export const answers = {
  fails: (reason: FailureReason, message: string): Outcome => ({ ok: false, failure: { reason, message } }),
  passes: ok({ passed: true, detail: '' }),
  refuses: (detail = ''): Outcome => ok({ passed: false, detail }),
  isSilent: (detail: string): Outcome => ok({ passed: false, detail, unanswered: true }),
  value: (value: number): Outcome => metric({ kind: 'value', value }),
  noValues: (detail: string): Outcome => metric({ kind: 'noValues', detail }),
  unavailable: (detail: string): Outcome => metric({ kind: 'unavailable', detail }),
  routeUnknown: (detail: string): Outcome => metric({ kind: 'unavailable', stage: 'route', detail }),
  invalid: (stage: MetricStage, detail: string): Outcome => metric({ kind: 'invalid', stage, detail }),
  is: ok,
} as const;

const metric = (given: MetricAnswer): Outcome => ok(given);

/** What every step of a live canary looks at and repairs first. */
export const repairs = (weights: string): readonly string[] => [
  'observeTarget',
  'ensureServices',
  'ensureApex',
  `ensureRoutes ${weights}`,
];

/** The same while the primary is not ready: apex and routes stay as they are. */
export const repairsNothingLive: readonly string[] = ['observeTarget', 'ensureServices'];

export const preRollout = 'callHook pre-rollout acceptance-test';
export const successRate = 'queryMetric builtin request-success-rate';
export const duration = 'queryMetric builtin request-duration';
/** The checks of a step that has traffic on the canary. */
export const checks: readonly string[] = ['callHook rollout load-test', `${successRate} + ${duration}`];

/** The story's hooks and others, as `spec.analysis.webhooks`. */
export const hooks = (...others: readonly (readonly [HookType, string, object?])[]): object => ({
  webhooks: [
    { name: 'acceptance-test', type: 'pre-rollout', url: 'http://flagger-loadtester.test/' },
    { name: 'load-test', type: 'rollout', url: 'http://flagger-loadtester.test/' },
    ...others.map(([type, name, more]) => ({ name, type, url: 'http://gates.test/', ...more })),
  ],
});

/** The step was one of the run's: its slot is spent, and what it waited for has come. */
export const spent = { lastSlot: usual.slot, lastStep: 0 } as const;
