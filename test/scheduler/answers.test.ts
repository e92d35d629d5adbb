import test from 'ava';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesErrorKind } from '../../platform/kubernetes/error.ts';
import { answers } from '../../scheduler/answers.ts';

const refusing = (kind: KubernetesErrorKind) => ({
  getPath: () => Promise.reject(new KubernetesError({ kind, action: 'get /readyz', detail: 'refused' })),
});

test('an API server that refuses answers, one that is away does not', async (t) => {
  t.true(await answers({ getPath: async () => 'ok' }));
  for (const kind of ['forbidden', 'unauthorized', 'notFound', 'throttled'] as const) {
    t.true(await answers(refusing(kind)), kind);
  }
  for (const kind of ['unavailable', 'timeout', 'other'] as const) t.false(await answers(refusing(kind)), kind);
});
