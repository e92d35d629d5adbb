import test from 'ava';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { isEmptyPatch } from '../../../worker/objects/merge-patch.ts';
import { overwritePatch } from '../../../worker/objects/overwrite.ts';

const deployment = (labels: Record<string, string>, spec: object): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'podinfo-primary', namespace: 'test', labels },
  spec,
});
const wanted = deployment({ app: 'podinfo-primary' }, { template: { spec: { containers: [{ name: 'a' }] } } });

test('each wanted field becomes exactly so, and what is not named stays', (t) => {
  const live = deployment(
    { app: 'other', mine: 'yes' },
    { replicas: 3, template: { spec: { containers: [{ name: 'b' }], hostNetwork: true } } },
  );
  t.deepEqual(overwritePatch(live, wanted), {
    metadata: { labels: { app: 'podinfo-primary' }, annotations: {} },
    spec: { template: { spec: { containers: [{ name: 'a' }], hostNetwork: null } } },
  });
});

test('an object that is so already needs no patch', (t) => {
  const live = deployment({ app: 'podinfo-primary', mine: 'yes' }, { ...(wanted['spec'] as object), replicas: 3 });
  t.true(isEmptyPatch(overwritePatch(live, wanted)));
});
