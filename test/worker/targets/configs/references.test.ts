import test from 'ava';
import { withCopyNames } from '../../../../worker/targets/configs/names.ts';
import { configKey, configReferences } from '../../../../worker/targets/configs/references.ts';

const podSpec = {
  volumes: [
    { name: 'a', configMap: { name: 'in-volume', defaultMode: 420 } },
    { name: 'b', secret: { secretName: 'secret-volume', optional: true } },
    {
      name: 'c',
      projected: {
        sources: [
          { configMap: { name: 'projected-config' } },
          { secret: { name: 'projected-secret' } },
          { serviceAccountToken: { path: 'token' } },
        ],
      },
    },
    { name: 'd', csi: { driver: 'x', nodePublishSecretRef: { name: 'of-a-driver' } } },
    { name: 'e', emptyDir: {} },
    { name: 'f', flexVolume: { driver: 'x', secretRef: { name: 'env-secret' } } },
  ],
  containers: [
    {
      name: 'podinfo',
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'env-config', key: 'a' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'b', optional: true } } },
        { name: 'C', value: 'configmap' },
        { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      envFrom: [{ configMapRef: { name: 'from-config' } }, { prefix: 'X', secretRef: { name: 'from-secret' } }],
    },
    { name: 'sidecar', envFrom: [{ configMapRef: { name: 'from-config' } }] },
  ],
  initContainers: [{ name: 'migrate', envFrom: [{ secretRef: { name: 'init-secret' } }] }],
  imagePullSecrets: [{ name: 'registry' }],
};
const template = { spec: podSpec };

test('volumes, projections, variables and whole environments of all containers are found, each object once', (t) => {
  t.deepEqual(configReferences(template).map(configKey), [
    'configmap/env-config',
    'configmap/from-config',
    'configmap/in-volume',
    'configmap/projected-config',
    'secret/env-secret',
    'secret/from-secret',
    'secret/init-secret',
    'secret/projected-secret',
    'secret/secret-volume',
  ]);
});

test('an object is optional only where every place can do without it', (t) => {
  const optional = (container: object) => configReferences({ spec: { ...podSpec, containers: [container] } });
  const secretIn = (list: ReturnType<typeof optional>) => list.find(({ name }) => name === 'secret-volume')?.optional;
  t.true(secretIn(optional({ name: 'x' })));
  t.false(secretIn(optional({ name: 'x', envFrom: [{ secretRef: { name: 'secret-volume' } }] })));
  t.true(secretIn(optional({ name: 'x', envFrom: [{ secretRef: { name: 'secret-volume', optional: true } }] })));
});

test('a template without any reads none', (t) => {
  t.deepEqual(configReferences({ spec: { containers: [{ name: 'a' }] } }), []);
  t.deepEqual(configReferences({}), []);
});

test('a primary reads the copies of what is copied, and shares the rest', (t) => {
  const all = new Set(configReferences(template).map(configKey));
  const primary = withCopyNames(podSpec, all);
  t.deepEqual(
    configReferences({ spec: primary }).map(({ name }) => name),
    configReferences(template).map(({ name }) => `${name}-primary`),
  );
  t.like(primary, { imagePullSecrets: [{ name: 'registry' }] });
  t.like(withCopyNames(podSpec, new Set(['configmap/in-volume', 'secret/from-config'])), {
    volumes: [{ configMap: { name: 'in-volume-primary', defaultMode: 420 } }, podSpec.volumes[1]],
    containers: [{ envFrom: [{ configMapRef: { name: 'from-config' } }] }],
  });
  t.like(primary, { volumes: { 5: { flexVolume: { secretRef: { name: 'env-secret' } } } } });
  t.is(withCopyNames(podSpec, new Set()), podSpec);
});
