import test from 'ava';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesErrorKind } from '../../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { createNeighbours } from '../../../worker/routers/kuma-neighbours.ts';
import type { RouteCluster } from '../../../worker/routers/route-object.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const rival: KubernetesObject = {
  apiVersion: 'kuma.io/v1alpha1',
  kind: 'MeshHTTPRoute',
  metadata: { name: 'theirs', namespace: 'other' },
  spec: { to: [{ targetRef: { kind: 'MeshService', name: 'podinfo', namespace: 'test' }, rules: [{}] }] },
};

/** A mesh with that one route; lists are answered when told, in the order in which they were asked for. */
function aMesh() {
  const asked: { answer: () => void; refuse: (kind: KubernetesErrorKind) => void }[] = [];
  const list: RouteCluster['list'] = () =>
    new Promise((resolve, reject) => {
      asked.push({
        answer: () => resolve({ items: [rival], resourceVersion: '1' }),
        refuse: (kind) => reject(new KubernetesError({ kind, action: 'list', detail: 'scripted' })),
      });
    });
  return { asked, neighbours: createNeighbours({ list } as RouteCluster) };
}

const canary = aCanary();
const at = (now: number) => ({ ...aStep(canary), now });

test('steps of the same moment share one list, and those of the minute after it', async (t) => {
  const { asked, neighbours } = aMesh();
  const together = [1, 2, 3].map((now) => neighbours.rivals(at(now), 'default'));
  asked[0]?.answer();
  for (const warnings of await Promise.all(together)) t.regex(warnings.join(), /^MeshHTTPRoute other\/theirs routes/);
  t.is((await neighbours.rivals(at(60_000), 'default')).length, 1);
  t.is(asked.length, 1);
  const later = neighbours.rivals(at(60_001), 'default');
  asked[1]?.answer();
  t.is((await later).length, 1);
});

test('a step that is stopped while it asks fails alone, and the next one asks again', async (t) => {
  const { asked, neighbours } = aMesh();
  const stopped = new AbortController();
  const first = neighbours.rivals({ ...at(1), signal: stopped.signal }, 'default');
  const second = neighbours.rivals(at(1), 'default');
  stopped.abort(new Error('time is up'));
  asked[0]?.refuse('aborted');
  await t.throwsAsync(first, { message: 'time is up' });
  t.deepEqual(await second, []);
  const next = neighbours.rivals(at(2), 'default');
  asked[1]?.answer();
  t.is((await next).length, 1);
});

test('a list that is refused tells nothing, and is asked for again after a minute', async (t) => {
  const { asked, neighbours } = aMesh();
  const refused = neighbours.rivals(at(1), 'default');
  asked[0]?.refuse('forbidden');
  t.deepEqual(await refused, []);
  t.deepEqual(await neighbours.rivals(at(60_000), 'default'), []);
  t.is(asked.length, 1);
});
