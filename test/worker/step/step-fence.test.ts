/** The fence that a step hands to its adapters: what it has read may be the past, and then it writes nothing. */
import test from 'ava';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { shortUid } from '../../../queue/step-job.ts';
import { createExamine } from '../../../worker/step/examine.ts';
import type { Adapters } from '../../../worker/step/perform.ts';
import { createSeenLog } from '../../../worker/reads/seen-versions.ts';
import { createTakeStep } from '../../../worker/step/take-step.ts';
import { aCanary, aCanaryObject } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { script } from '../../support/step-on-cluster.ts';

const canary = aCanary();
const cached = aCanaryObject({ status: { phase: 'Succeeded' } });
const stored = aCanaryObject({ status: { phase: 'Progressing' }, metadata: { resourceVersion: '104' } });

/** A step that finds its Canary at rest in a cache, while it has moved on. */
async function writesOf(left: string | undefined) {
  const writes: string[] = [];
  const get: KubernetesClient['get'] = async (_resource, _name, how) => (how?.fresh === true ? stored : cached);
  const take = createTakeStep({
    client: { get, replaceStatus: async (_resource, next) => next, mergePatch: async () => cached },
    examine: createExamine({ defaultProvider: 'kuma', allowedNamespaces: [], stepTimeoutMs: 60_000, claims: () => [] }),
    advance: script([{ kind: 'ensureServices' }], (status) => status),
    adapters: {
      ensureServices: async (step) => {
        await step.fence();
        writes.push('services');
        return null;
      },
    } as Partial<Adapters> as Adapters,
    deliver: async () => [],
    clock: createFakeClock(),
    log,
  });
  const end = await take({
    job: { name: 'wake', canary: { ...canary, uid: shortUid(canary.uid) } },
    cameAt: 0,
    endsAt: Infinity,
    signal: new AbortController().signal,
    seen: createSeenLog(left),
    fence: async () => void writes.push('lease asked'),
    observe: () => undefined,
    onSlot: () => undefined,
  });
  return { end, writes };
}

test('a step that knows of none before it makes sure of its Canary before it writes', async (t) => {
  const { end, writes } = await writesOf(undefined);
  t.like(end, { kind: 'taken', outcome: 'conflict' });
  t.deepEqual(writes, []);
});

test('a step that knows of the one before it goes by what that has seen', async (t) => {
  const { end, writes } = await writesOf('canaries.flagger.app=100');
  t.like(end, { kind: 'taken', outcome: 'advanced' });
  t.deepEqual(writes, ['lease asked', 'services']);
});
