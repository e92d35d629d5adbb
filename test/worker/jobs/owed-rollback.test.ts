/** A roll-back that the API server refuses to carry out, and a step that was overtaken, do not wait for the next slot. */
import test from 'ava';
import { DelayedError } from 'bullmq';
import { advance } from '../../../canary/advance.ts';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { shortUid, slotJobId } from '../../../queue/step-job.ts';
import type { StepJobData, StepReport } from '../../../queue/step-job.ts';
import { dueAt, slotAt } from '../../../canary/slot.ts';
import { createExamine } from '../../../worker/step/examine.ts';
import type { Leases } from '../../../worker/step/lease.ts';
import type { Adapters } from '../../../worker/step/perform.ts';
import { createProcessor } from '../../../worker/jobs/processor.ts';
import { createTakeStep } from '../../../worker/step/take-step.ts';
import { aCanary, aCanaryObject } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const canary = aCanary({ status: { phase: 'Progressing', canaryWeight: 50 } });
const rhythm = { uid: canary.uid, intervalMs: canary.spec.analysis.intervalMs };
const run = { id: 'run-1', checkErrors: 0, mirrored: false, said: [] };
const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;

const refuse = async (): Promise<never> => {
  throw new KubernetesError({
    kind: 'throttled',
    action: 'get Deployment',
    detail: '429 TooManyRequests',
    status: 429,
  });
};

const held: Leases = {
  take: async () => ({
    isHeld: () => true,
    confirm: async () => true,
    found: undefined,
    release: async () => undefined,
  }),
  left: async () => undefined,
};

const overtaken = async (): Promise<never> => {
  throw new KubernetesError({ kind: 'conflict', action: 'update Canary', detail: '409 Conflict', status: 409 });
};

interface Circumstances {
  readonly replaceStatus?: () => Promise<never>;
  /** How many milliseconds ago a worker first came to the job. */
  readonly cameMsAgo?: number;
}

/** What a step of a slot that has just begun comes to while the API server refuses to tell of the target. */
async function endOf(status: Partial<CanaryStatus>, { replaceStatus, cameMsAgo }: Circumstances = {}) {
  const clock = createFakeClock();
  const slot = slotAt(rhythm, clock.now()) + 1;
  await clock.advance(dueAt(rhythm, slot) - clock.now());
  const object = aCanaryObject({ status: { ...canary.status, ...status } });
  const takeStep = createTakeStep({
    client: {
      get: async () => object,
      replaceStatus: replaceStatus ?? (async (_resource, next) => next),
      mergePatch: async () => object,
    },
    examine: createExamine({ defaultProvider: 'kuma', allowedNamespaces: [], stepTimeoutMs: 60_000, claims: () => [] }),
    advance,
    adapters: {
      observeTarget: refuse,
      callHook: async () => ({ passed: false, detail: '' }),
    } as Partial<Adapters> as Adapters,
    deliver: async () => [],
    clock,
    log,
  });
  const process = createProcessor({
    takeStep,
    leases: held,
    clock,
    stepTimeoutMs: 60_000,
    isServed: () => true,
    log,
    onAction: () => undefined,
    onEnd: () => undefined,
    onBusy: () => undefined,
  });
  const putBack: { afterMs?: number; data?: StepJobData } = {};
  const key = { namespace: canary.namespace, name: canary.name, uid: shortUid(canary.uid) };
  const job = {
    id: slotJobId({ name: 'step', canary: key, slot }),
    opts: {},
    ...(cameMsAgo !== undefined && { data: { busyAt: clock.now() - cameMsAgo } }),
    log: async () => undefined,
    updateData: async (data: StepJobData) => void (putBack.data = data),
    moveToDelayed: async (until: number) => void (putBack.afterMs = until - clock.now()),
  };
  const report = await process(job, 'token', new AbortController().signal).catch(putBackOnly);
  return { report, ...putBack, now: clock.now() };
}

function putBackOnly(error: unknown): StepReport | undefined {
  if (!(error instanceof DelayedError)) throw error;
  return undefined;
}

test('a roll-back that is decided and cannot be carried out is tried again within its slot', async (t) => {
  const { report, afterMs, data, now } = await endOf({ run: { ...run, decision } });
  t.is(report, undefined);
  t.is(afterMs, Math.min(rhythm.intervalMs / 10, 5_000));
  t.is(data?.busyAt, now, 'a slot that passes meanwhile has not been missed');
});

test('what has no roll-back to carry out waits for its next slot', async (t) => {
  const { report, afterMs } = await endOf({ run });
  t.is(report?.outcome, 'stopped');
  t.is(afterMs, undefined);
});

test('a roll-back that waits for its primary, with the run at its end, waits for the next slot', async (t) => {
  const { report, afterMs } = await endOf({ phase: 'Failed', run: { ...run, decision } });
  t.is(report?.outcome, 'stopped');
  t.is(afterMs, undefined);
});

test('a step that is overtaken has not taken its slot, and is tried again within it', async (t) => {
  const { report, afterMs, data, now } = await endOf({ run }, { replaceStatus: overtaken });
  t.is(report, undefined);
  t.is(afterMs, 500);
  t.is(data?.busyAt, now, 'a slot that passes meanwhile has not been missed');
});

test('each time after as long again as its job has been tried', async (t) => {
  const { report, afterMs } = await endOf({ run }, { replaceStatus: overtaken, cameMsAgo: 3_000 });
  t.is(report, undefined);
  t.is(afterMs, 3_000);
});

test('where its slot would be over by then that is its end, and is told', async (t) => {
  const { report, afterMs } = await endOf({ run }, { replaceStatus: overtaken, cameMsAgo: rhythm.intervalMs });
  t.is(report?.outcome, 'conflict');
  t.is(afterMs, undefined);
});
