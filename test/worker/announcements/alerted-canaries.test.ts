import test from 'ava';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { GetOptions, KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { UnreadableCanary, createAlertedCanaries } from '../../../worker/announcements/alerted-canaries.ts';
import { aCanaryObject } from '../../support/a-canary.ts';

const uidOf = ({ metadata: { uid = '' } }: KubernetesObject): string => uid;
const live = aCanaryObject();
const keyOf = (object: KubernetesObject) => ({ namespace: 'test', name: 'podinfo', uid: uidOf(object) });
const signal = new AbortController().signal;

const notFound = new KubernetesError({ kind: 'notFound', action: 'get Canary test/podinfo', detail: 'not found' });

interface Known {
  /** What a watch has brought; undefined: nothing of that name. */
  readonly watched: KubernetesObject | undefined;
  readonly stored: KubernetesObject | undefined;
}

/** A client whose watch may be behind, and what it was asked. */
function aClient({ watched, stored }: Known) {
  const asked: GetOptions[] = [];
  const client: Pick<KubernetesClient, 'get'> = {
    get: async (_resource, _name, how = {}) => {
      asked.push(how);
      const found = how.fresh === true ? stored : watched;
      if (found === undefined) throw notFound;
      return found;
    },
  };
  return { read: createAlertedCanaries({ client, defaultProvider: 'kuma' }), asked };
}

test('what a watch knows is not asked for again', async (t) => {
  const { read, asked } = aClient({ watched: live, stored: undefined });
  t.is((await read(keyOf(live), signal))?.uid, uidOf(live));
  t.deepEqual(asked, [{ signal }]);
});

test('a Canary that the watch has not brought yet is asked for', async (t) => {
  const { read, asked } = aClient({ watched: undefined, stored: live });
  t.is((await read(keyOf(live), signal))?.uid, uidOf(live));
  t.deepEqual(asked, [{ signal }, { signal, fresh: true }]);
});

test('so is one whose predecessor of the same name is all that the watch knows', async (t) => {
  const predecessor = { ...live, metadata: { ...live.metadata, uid: 'another' } };
  const { read } = aClient({ watched: predecessor, stored: live });
  t.is((await read(keyOf(live), signal))?.uid, uidOf(live));
});

test('there is none when the API server says so, or has another one of the name', async (t) => {
  const successor = { ...live, metadata: { ...live.metadata, uid: 'another' } };
  for (const stored of [undefined, successor]) {
    const { read } = aClient({ watched: live, stored });
    t.is(await read({ ...keyOf(live), uid: 'of one that is gone' }, signal), undefined);
  }
});

test('one that cannot be parsed is not gone', async (t) => {
  const broken = { ...live, spec: { targetRef: 'podinfo' } };
  const { read } = aClient({ watched: broken, stored: broken });
  const error = await t.throwsAsync(read(keyOf(live), signal), { instanceOf: UnreadableCanary });
  t.regex(error?.message ?? '', /targetRef/);
  t.is(await read({ ...keyOf(live), uid: 'of one that is gone' }, signal), undefined);
});

test('an answer that tells nothing of the Canary is passed on', async (t) => {
  const failure = new KubernetesError({ kind: 'unavailable', action: 'get Canary test/podinfo', detail: '503' });
  const read = createAlertedCanaries({
    client: { get: async () => Promise.reject(failure) },
    defaultProvider: 'kuma',
  });
  t.is(await t.throwsAsync(read(keyOf(live), signal)), failure);
});
