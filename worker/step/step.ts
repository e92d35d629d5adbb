/**
 * One step of one canary: ask the rules, do what they want, tell them how it went, until they are done.
 *
 *   ┌─▶ advance(canary, facts, time) ── Done ──▶ the status to save, and what to announce
 *   └── facts ◀── perform ◀── Action
 */
import { actionKey } from '../../canary/action-key.ts';
import type { Action, Done, Outcome } from '../../canary/action.ts';
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import type { Facts } from '../../canary/rule.ts';
import type { StepTime } from '../../canary/step.ts';
import { noTracing } from '../../platform/observability/tracing.ts';
import type { Tracing } from '../../platform/observability/tracing.ts';
import { markUrgent } from '../../platform/kubernetes/urgency.ts';
import type { StepContext } from '../context.ts';
import { perform } from './perform.ts';
import type { Adapters, Performers } from './perform.ts';
import type { StatusLedger } from './status-ledger.ts';
import { spanOf } from './step-span.ts';

/** The rules, as `canary/advance.ts` has them. */
export type Advance = (canary: Canary, facts: Facts, at: StepTime) => Action | Done;

/** Told of every action when it is over; durations in milliseconds. */
export type ObserveAction = (action: Action, outcome: Outcome, durationMs: number) => void;

export interface StepParts {
  readonly advance: Advance;
  readonly adapters: Adapters;
  readonly ledger: Pick<StatusLedger, 'record' | 'setFinalizer'>;
  readonly observe: ObserveAction;
  readonly clock: { readonly now: () => number };
  readonly tracing?: Tracing | undefined;
}

/** More rounds than the rules ever need: they ask for a few things per metric and hook. */
const mostRounds = 200;

/**
 * @param context `canary` as read at the start; the rules are shown it without its outbox, which is not theirs
 * @throws the signal's reason when the step was aborted, and what kept a status from being recorded
 */
export async function runStep(parts: StepParts, context: StepContext, slot: number): Promise<Done> {
  const canary = { ...context.canary, status: { ...context.canary.status, outbox: [] } };
  const at = { now: context.now, slot };
  const performers = performersOf(parts);
  const facts = new Map<string, Outcome>();
  for (let round = 0; round < mostRounds; round += 1) {
    const next = parts.advance(canary, facts, at);
    if (next.kind === 'done') return next;
    const key = actionKey(next);
    if (facts.has(key)) throw new Error(`the rules asked twice for '${key}' in one step`);
    facts.set(key, await observed({ parts, performers, context }, next));
  }
  throw new Error(`the rules did not come to an end within ${mostRounds} actions`);
}

/** Whether it is decided that the run is taken back. */
export const isRollback = ({ run }: CanaryStatus): boolean => run?.decision?.kind === 'rollback';

interface Step {
  readonly parts: StepParts;
  readonly performers: Performers;
  readonly context: StepContext;
}

function performersOf(parts: StepParts): Performers {
  const performers: Performers = {
    ...parts.adapters,
    record: async (context, { status, announcements }) => {
      // What was due at the start is urgent already; here it is decided.
      if (isRollback(status)) markUrgent(context.signal);
      await parts.ledger.record(status, announcements);
      return null;
    },
    setFinalizer: async (context, { present }) => {
      await context.fence();
      await parts.ledger.setFinalizer(present);
      return null;
    },
    together: (context, { actions }) =>
      Promise.all(actions.map((action) => observed({ parts, performers, context }, action))),
  };
  return performers;
}

async function observed({ parts, performers, context }: Step, action: Action): Promise<Outcome> {
  const { tracing = noTracing } = parts;
  const startedAt = parts.clock.now();
  const outcome = await tracing.during(spanOf(action), async (span) => {
    const performed = await perform(performers, context, action);
    if (!performed.ok) span.fail(performed.failure.reason);
    return performed;
  });
  parts.observe(action, outcome, parts.clock.now() - startedAt);
  return outcome;
}
