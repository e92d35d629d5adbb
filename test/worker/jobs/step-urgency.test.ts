import test from 'ava';
import type { Announcement, CanaryStatus } from '../../../canary/canary.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { isUrgent } from '../../../platform/kubernetes/urgency.ts';
import { shortUid } from '../../../queue/step-job.ts';
import type { StepContext } from '../../../worker/context.ts';
import { createExamine } from '../../../worker/step/examine.ts';
import type { Adapters } from '../../../worker/step/perform.ts';
import { createSeenLog } from '../../../worker/reads/seen-versions.ts';
import { runStep } from '../../../worker/step/step.ts';
import type { Advance, StepParts } from '../../../worker/step/step.ts';
import { createTakeStep } from '../../../worker/step/take-step.ts';
import { aCanary, aCanaryObject } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const canary = aCanary({ status: { phase: 'Progressing' } });

const run = { id: 'run-1', checkErrors: 0, mirrored: false, said: [] };
const rollingBack: CanaryStatus = {
  ...canary.status,
  run: { ...run, decision: { kind: 'rollback', cause: 'FailedChecks' } },
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

const contextOf = (signal: AbortSignal): StepContext => ({
  canary,
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

const owed: Announcement = {
  kind: 'event',
  id: 'e-1',
  type: 'Normal',
  message: 'of the last step',
  phase: 'Progressing',
  checksum: '7f',
};

/** Whether a step was urgent when it delivered what the last one had left, and when it asked the rules. */
async function urgencyOf(status: Partial<CanaryStatus>, metadata: Record<string, unknown> = {}) {
  const object = aCanaryObject({ metadata, status: { ...canary.status, ...status, outbox: [owed] } });
  const urgent = { delivering: false, deciding: false };
  const { signal } = new AbortController();
  const take = createTakeStep({
    client: { get: async () => object, replaceStatus: async (_resource, next) => next, mergePatch: async () => object },
    examine: createExamine({ defaultProvider: 'kuma', allowedNamespaces: [], stepTimeoutMs: 60_000, claims: () => [] }),
    advance: (...asked) => {
      urgent.deciding = isUrgent(signal);
      return ending(...asked);
    },
    adapters: noAdapters,
    deliver: async (_about, announcements, given) => {
      if (announcements.some(({ id }) => id === owed.id)) urgent.delivering = isUrgent(given);
      return [];
    },
    clock: createFakeClock(),
    log,
  });
  await take({
    job: { name: 'wake', canary: { ...canary, uid: shortUid(canary.uid) } },
    cameAt: 0,
    endsAt: Infinity,
    signal,
    seen: createSeenLog('canaries.flagger.app=1'),
    fence: async () => undefined,
    observe: () => undefined,
    onSlot: () => undefined,
  });
  return urgent;
}

test('a roll-back that is decided or due, and a deletion, go first before the last outbox is delivered', async (t) => {
  const first = { delivering: true, deciding: true };
  t.deepEqual(await urgencyOf(rollingBack), first, 'decided');
  t.deepEqual(await urgencyOf({ failedChecks: 5 }), first, 'due by the failed checks');
  t.deepEqual(await urgencyOf({ run: { ...run, checkErrors: 5 } }), first, 'due by the checks that could not be made');
  t.deepEqual(await urgencyOf({}, { deletionTimestamp: '2026-01-03T00:00:00Z' }), first, 'deleted');
  t.deepEqual(await urgencyOf({ failedChecks: 4 }), { delivering: false, deciding: false }, 'goes on');
});
