import test from 'ava';
import type { CanaryStatus } from '../../canary/canary.ts';
import { isUrgent } from '../../platform/urgency.ts';
import type { StepContext } from '../../worker/context.ts';
import type { Adapters } from '../../worker/perform.ts';
import { runStep } from '../../worker/step.ts';
import type { Advance, StepParts } from '../../worker/step.ts';
import { aCanary } from '../support/a-canary.ts';

const canary = aCanary({ status: { phase: 'Progressing' } });

const rollingBack: CanaryStatus = {
  ...canary.status,
  run: {
    id: 'run-1',
    decision: { kind: 'rollback', cause: 'FailedChecks' },
    checkErrors: 0,
    mirrored: false,
    said: [],
  },
};

/** These rules reach no adapter. */
const noAdapters = {} as Adapters;

const partsWith = (advance: Advance, record: StepParts['ledger']['record'] = async () => undefined): StepParts => ({
  advance,
  adapters: noAdapters,
  ledger: { record, setFinalizer: async () => undefined },
  observe: () => undefined,
  clock: { now: () => 0 },
});

const contextOf = (signal: AbortSignal, subject = canary): StepContext => ({
  canary: subject,
  now: 1_000,
  endsAt: Infinity,
  signal,
  fence: async () => undefined,
});

const ending: Advance = ({ status }) => ({ kind: 'done', status, announcements: [], outcome: 'settled' });

test('a step turns urgent when it decides to roll back, before that is recorded', async (t) => {
  const { signal } = new AbortController();
  const urgentAt: boolean[] = [];
  const recording: Advance = (subject, facts, at) =>
    facts.size === 0 ? { kind: 'record', status: rollingBack, announcements: [] } : ending(subject, facts, at);
  const parts = partsWith(recording, async () => void urgentAt.push(isUrgent(signal)));
  await runStep(parts, contextOf(signal), 1);
  t.deepEqual(urgentAt, [true]);
});

test('a step is urgent from its start for a rollback that is pending and for a canary that is being deleted', async (t) => {
  for (const [subject, expected] of [
    [{ ...canary, status: rollingBack }, true],
    [{ ...canary, deleting: true }, true],
    [canary, false],
  ] as const) {
    const { signal } = new AbortController();
    await runStep(partsWith(ending), contextOf(signal, subject), 1);
    t.is(isUrgent(signal), expected);
  }
});
