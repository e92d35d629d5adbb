import test from 'ava';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { assured, readSurely } from '../../../worker/step/assurance.ts';
import { StatusConflict } from '../../../worker/step/save-status.ts';
import { createSeenLog } from '../../../worker/reads/seen-versions.ts';

const at = (resourceVersion: string, phase?: string): KubernetesObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test', uid: '1a2b3c4d', resourceVersion },
  ...(phase !== undefined && { status: { phase } }),
});

interface World {
  /** What a watch that lags behind tells. */
  readonly cached: KubernetesObject;
  readonly stored: KubernetesObject | undefined;
}

/** A cached client, as far as reads of one Canary go, and what was asked of the API server. */
function aWorld({ cached, stored }: World) {
  const said: string[] = [];
  const get: KubernetesClient['get'] = async (_resource, _name, how = {}) => {
    const isKnown =
      how.fresh !== true &&
      Number(cached.metadata.resourceVersion) >= (how.notBefore?.get('canaries.flagger.app') ?? 0);
    said.push(isKnown ? 'cache' : 'API server');
    if (isKnown) return cached;
    if (stored !== undefined) return stored;
    throw new KubernetesError({ kind: 'notFound', action: 'get Canary test/podinfo', detail: '404', status: 404 });
  };
  return { client: { get }, said };
}

const aStep = (left: string | undefined, said: string[]) => ({
  job: { name: 'step' as const, canary: { namespace: 'test', name: 'podinfo', uid: '1a2b3c4d' }, slot: 7 },
  signal: new AbortController().signal,
  seen: createSeenLog(left),
  fence: async () => void said.push('fence'),
});

const version = (text: string) => ({ version: () => text });

test('a run of whose last step nothing is known is read from the API server, and so is all that its step reads', async (t) => {
  const { client, said } = aWorld({ cached: at('5', 'Progressing'), stored: at('9', 'Promoting') });
  const step = aStep(undefined, said);
  t.is((await readSurely({ client }, step)).metadata.resourceVersion, '9');
  t.deepEqual(said, ['cache', 'API server']);
  t.is(step.seen.notBefore.get('deployments.apps'), Infinity);
});

test('a run whose last step is known is read from the cache, unless that is behind it', async (t) => {
  const { client, said } = aWorld({ cached: at('5', 'Progressing'), stored: at('9', 'Promoting') });
  t.is((await readSurely({ client }, aStep('canaries.flagger.app=5', said))).metadata.resourceVersion, '5');
  t.is((await readSurely({ client }, aStep('canaries.flagger.app=9', said))).metadata.resourceVersion, '9');
  t.deepEqual(said, ['cache', 'API server']);
});

for (const phase of [undefined, 'Initialized', 'Succeeded']) {
  test(`a canary that is ${phase ?? 'new'} writes nothing by an old Canary, and asks no more than once`, async (t) => {
    const { client, said } = aWorld({ cached: at('5', phase), stored: at('5', phase) });
    const step = aStep(undefined, said);
    await readSurely({ client }, step);
    const fence = assured(client, step, version('5'));
    await fence();
    await fence();
    t.deepEqual(said, ['cache', 'API server', 'fence', 'fence']);

    const old = aWorld({ cached: at('5', phase), stored: at('9', 'Progressing') });
    const late = aStep(undefined, old.said);
    const error = await t.throwsAsync(assured(old.client, late, version('5'))(), { instanceOf: StatusConflict });
    t.is(error?.message, 'Canary test/podinfo: expected version 5, as a watch has it, got 9');
    t.deepEqual(old.said, ['API server'], 'not to the fence');
    t.is(late.seen.notBefore.get('canaries.flagger.app'), 9, 'the next step knows');
  });
}

test('a Canary that is gone meanwhile is one that has moved on', async (t) => {
  const { client, said } = aWorld({ cached: at('5', 'Initialized'), stored: undefined });
  await t.throwsAsync(assured(client, aStep(undefined, said), version('5'))(), { message: /got none$/ });
});

test('a step that knows of the one before, or has saved a status, only asks for its lease', async (t) => {
  const { client, said } = aWorld({ cached: at('5', 'Initialized'), stored: at('9', 'Progressing') });
  await assured(client, aStep('canaries.flagger.app=5', said), version('5'))();
  let saved = '5';
  const fence = assured(client, aStep(undefined, said), { version: () => saved });
  saved = '9';
  await fence();
  t.deepEqual(said, ['fence', 'fence']);
});
