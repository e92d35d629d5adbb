import test from 'ava';
import { actionKey } from '../../../canary/action-key.ts';
import type { Action, Done, Outcome } from '../../../canary/action.ts';
import type { Announcement, CanaryStatus } from '../../../canary/canary.ts';
import { AdapterError } from '../../../worker/context.ts';
import type { StepContext } from '../../../worker/context.ts';
import type { Adapters } from '../../../worker/step/perform.ts';
import { StatusConflict } from '../../../worker/step/save-status.ts';
import { runStep } from '../../../worker/step/step.ts';
import type { Advance, StepParts } from '../../../worker/step/step.ts';
import { aCanary } from '../../support/a-canary.ts';

const announcement: Announcement = { kind: 'count', id: 'one', outcome: 'success', analysis: 'completed' };
const weights = { primary: 90, canary: 10, mirrored: false };

const unexpected = async (): Promise<never> => {
  throw new Error('no rule of this test asks for that');
};
const noAdapters: Adapters = {
  observeTarget: unexpected,
  observeMetricProviders: unexpected,
  observeEndpoints: unexpected,
  callHook: unexpected,
  queryMetric: unexpected,
  ensureServices: unexpected,
  ensureApex: unexpected,
  ensurePrimary: unexpected,
  ensureScaler: unexpected,
  sizePrimary: unexpected,
  ensureRoutes: unexpected,
  scaleTarget: unexpected,
  promote: unexpected,
  observeNamespace: unexpected,
  admitRun: unexpected,
  resumeScaler: unexpected,
  restoreTarget: unexpected,
  restoreApex: unexpected,
  restoreRoutes: unexpected,
};

const noLedger: StepParts['ledger'] = { record: async () => undefined, setFinalizer: async () => undefined };

const canary = aCanary({ status: { phase: 'Progressing', outbox: [announcement] } });

function aContext(signal = new AbortController().signal): StepContext {
  return { canary, now: 1_000, endsAt: Infinity, signal, fence: async () => undefined };
}

const done = (status: CanaryStatus): Done => ({ kind: 'done', status, announcements: [], outcome: 'advanced' });

/** Rules that want these actions one after another and are done then. */
const wanting =
  (...actions: readonly Action[]): Advance =>
  (subject, facts) =>
    actions.find((action) => !facts.has(actionKey(action))) ?? done(subject.status);

function parts(over: Partial<StepParts>): StepParts & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    advance: wanting(),
    adapters: noAdapters,
    ledger: noLedger,
    observe: (action, outcome) => void seen.push(`${action.kind} ${outcome.ok}`),
    clock: { now: () => 0 },
    seen,
    ...over,
  };
}

test('an action is performed by its adapter and its answer is a fact of the next round', async (t) => {
  const facts: (readonly [string, Outcome])[][] = [];
  const advance: Advance = (subject, known, at) => {
    facts.push([...known.entries()]);
    return wanting({ kind: 'ensureServices' }, { kind: 'ensureRoutes', weights })(subject, known, at);
  };
  const written: unknown[] = [];
  const adapters: Adapters = {
    ...noAdapters,
    ensureServices: async () => null,
    ensureRoutes: async (_step, action) => {
      written.push(action.weights);
      return null;
    },
  };
  const end = await runStep(parts({ advance, adapters }), aContext(), 7);
  t.is(end.outcome, 'advanced');
  t.deepEqual(written, [weights]);
  t.deepEqual(
    facts.map((known) => known.map(([key]) => key)),
    [[], ['ensureServices'], ['ensureServices', 'ensureRoutes 90/10']],
  );
  t.deepEqual(facts[1]?.[0]?.[1], { ok: true, value: null });
});

test('what an adapter throws is a fact too', async (t) => {
  let outcome: Outcome | undefined;
  const advance: Advance = (subject, facts) => {
    outcome = facts.get('ensureServices');
    return outcome === undefined ? { kind: 'ensureServices' } : done(subject.status);
  };
  const adapters: Adapters = {
    ...noAdapters,
    ensureServices: async () => {
      throw new AdapterError('forbidden', 'not allowed');
    },
  };
  await runStep(parts({ advance, adapters }), aContext(), 7);
  t.deepEqual(outcome, { ok: false, failure: { reason: 'forbidden', message: 'not allowed' } });
});

test('the rules see the canary of the beginning without its outbox, and the time of the step', async (t) => {
  const outboxes: number[] = [];
  const advance: Advance = (subject, _facts, at) => {
    outboxes.push(subject.status.outbox.length);
    t.deepEqual(at, { now: 1_000, slot: 7 });
    return done(subject.status);
  };
  await runStep(parts({ advance }), aContext(), 7);
  t.deepEqual(outboxes, [0]);
});

test('actions that belong together run at the same time and are answered in order', async (t) => {
  const started: string[] = [];
  const both = new Map<string, () => void>();
  /** Ends only when both have begun. */
  const meet = async (name: string): Promise<void> => {
    started.push(name);
    await new Promise<void>((resolve) => {
      both.set(name, resolve);
      if (both.size === 2) for (const go of both.values()) go();
    });
  };
  const adapters: Adapters = {
    ...noAdapters,
    observeTarget: async () => {
      await meet('target');
      throw new AdapterError('notFound', 'no such Deployment');
    },
    observeEndpoints: async () => {
      await meet('endpoints');
      return { primary: 2, apexServesPrimary: true, apexServesTarget: false };
    },
  };
  const together: Action = {
    kind: 'together',
    actions: [{ kind: 'observeTarget' }, { kind: 'observeEndpoints', of: 'primary' }],
  };
  let answer: Outcome | undefined;
  const advance: Advance = (subject, facts) => {
    answer = facts.get(actionKey(together));
    return answer === undefined ? together : done(subject.status);
  };
  const step = parts({ advance, adapters });
  await runStep(step, aContext(), 7);
  t.deepEqual(started, ['target', 'endpoints']);
  t.deepEqual(answer, {
    ok: true,
    value: [
      { ok: false, failure: { reason: 'notFound', message: 'no such Deployment' } },
      { ok: true, value: { primary: 2, apexServesPrimary: true, apexServesTarget: false } },
    ],
  });
  t.deepEqual(step.seen, ['observeTarget false', 'observeEndpoints true', 'together true']);
});

test('a record goes to the ledger with its announcements, and the rules go on with the canary of the beginning', async (t) => {
  const recorded: unknown[] = [];
  const status = { ...canary.status, phase: 'Promoting' as const };
  const record: Action = { kind: 'record', status, announcements: [announcement] };
  const phases: unknown[] = [];
  const advance: Advance = (subject, facts, at) => {
    phases.push(subject.status.phase);
    return wanting(record)(subject, facts, at);
  };
  const ledger = { ...noLedger, record: async (...given: unknown[]) => void recorded.push(given) };
  await runStep(parts({ advance, ledger }), aContext(), 7);
  t.deepEqual(recorded, [[status, [announcement]]]);
  t.deepEqual(phases, ['Progressing', 'Progressing']);
});

test('a conflict while recording ends the step before anything that comes after it', async (t) => {
  const record: Action = { kind: 'record', status: canary.status, announcements: [] };
  const advance = wanting(record, { kind: 'ensureRoutes', weights });
  const ledger = {
    ...noLedger,
    record: async () => {
      throw new StatusConflict('the Canary has moved on');
    },
  };
  await t.throwsAsync(runStep(parts({ advance, ledger }), aContext(), 7), { instanceOf: StatusConflict });
});

test('the finalizer is written by the ledger, after the fence', async (t) => {
  const order: string[] = [];
  const ledger = { ...noLedger, setFinalizer: async (present: boolean) => void order.push(`finalizer ${present}`) };
  const context = { ...aContext(), fence: async () => void order.push('fence') };
  await runStep(parts({ advance: wanting({ kind: 'setFinalizer', present: true }), ledger }), context, 7);
  t.deepEqual(order, ['fence', 'finalizer true']);
});

test('an aborted step performs nothing more', async (t) => {
  const controller = new AbortController();
  const reason = new Error('lease lost');
  const adapters: Adapters = {
    ...noAdapters,
    ensureServices: async () => {
      controller.abort(reason);
      return null;
    },
  };
  const advance = wanting({ kind: 'ensureServices' }, { kind: 'ensureRoutes', weights });
  const error = await t.throwsAsync(runStep(parts({ advance, adapters }), aContext(controller.signal), 7));
  t.is(error, reason);
});

test('an adapter that fails because the step was aborted is no failure of the cluster', async (t) => {
  const controller = new AbortController();
  const reason = new Error('shutting down');
  const adapters: Adapters = {
    ...noAdapters,
    ensureServices: async () => {
      controller.abort(reason);
      throw new AdapterError('unavailable', 'request aborted');
    },
  };
  const step = parts({ advance: wanting({ kind: 'ensureServices' }), adapters });
  t.is(await t.throwsAsync(runStep(step, aContext(controller.signal), 7)), reason);
});

test('rules that ask the same thing twice are broken', async (t) => {
  const adapters: Adapters = { ...noAdapters, ensureServices: async () => null };
  const step = parts({ advance: () => ({ kind: 'ensureServices' }), adapters });
  await t.throwsAsync(runStep(step, aContext(), 7), { message: /asked twice for 'ensureServices'/ });
});

test('rules that never end are broken', async (t) => {
  const adapters: Adapters = { ...noAdapters, ensureRoutes: async () => null };
  const advance: Advance = (_subject, facts) => ({
    kind: 'ensureRoutes',
    weights: { primary: 0, canary: facts.size, mirrored: false },
  });
  await t.throwsAsync(runStep(parts({ advance, adapters }), aContext(), 7), { message: /did not come to an end/ });
});
