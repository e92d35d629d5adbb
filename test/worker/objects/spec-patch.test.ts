import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { JsonPatchOperation } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { specOperations } from '../../../worker/objects/spec-patch.ts';

const spec = { replicas: 2, template: { spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'a' }] } } };

const live: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'podinfo', uid: 'u', generation: 7 },
  spec,
};

const tests: readonly JsonPatchOperation[] = [
  { op: 'test', path: '/metadata/uid', value: 'u' },
  { op: 'test', path: '/metadata/generation', value: 7 },
];

const rows: Record<string, readonly [JsonRecord, readonly JsonPatchOperation[]]> = {
  'a value': [{ replicas: 0 }, [{ op: 'add', path: '/spec/replicas', value: 0 }]],
  'a value that was not there': [{ paused: true }, [{ op: 'add', path: '/spec/paused', value: true }]],
  'a list, as a whole': [{ args: ['x', null] }, [{ op: 'add', path: '/spec/args', value: ['x', null] }]],
  'a value within what is there': [
    { template: { spec: { nodeSelector: { zone: 'a' } } } },
    [{ op: 'add', path: '/spec/template/spec/nodeSelector/zone', value: 'a' }],
  ],
  'a value within what is not there, without what a merge patch would take away': [
    { template: { metadata: { annotations: { now: 'x', gone: null } } } },
    [{ op: 'add', path: '/spec/template/metadata', value: { annotations: { now: 'x' } } }],
  ],
  'a record in the place of a list': [
    { template: { spec: { containers: { a: 1 } } } },
    [{ op: 'add', path: '/spec/template/spec/containers', value: { a: 1 } }],
  ],
  'what goes': [
    { template: { spec: { nodeSelector: { disk: null } } } },
    [{ op: 'remove', path: '/spec/template/spec/nodeSelector/disk' }],
  ],
  'what goes and is not there': [{ template: { spec: { nodeSelector: { 'flagger.app/scale-to-zero': null } } } }, []],
  'names that a pointer has to escape': [
    { template: { spec: { nodeSelector: { 'a.b/c~d': 'x' } } } },
    [{ op: 'add', path: '/spec/template/spec/nodeSelector/a.b~1c~0d', value: 'x' }],
  ],
};

for (const [title, [patch, operations]] of Object.entries(rows)) {
  test(`a patch of the spec is guarded by its generation: ${title}`, (t) => {
    t.deepEqual(specOperations(live, { spec: patch }), [...tests, ...operations]);
  });
}

test('a patch that the generation does not cover is none of these', (t) => {
  const scaling = { spec: { replicas: 0 } };
  t.is(specOperations(live, { ...scaling, metadata: { annotations: { a: 'x' } } }), undefined);
  t.is(specOperations({ ...live, metadata: { name: 'podinfo', uid: 'u' } }, scaling), undefined);
  t.is(specOperations({ ...live, spec: undefined }, scaling), undefined);
  t.is(specOperations(live, {}), undefined);
});
