import test from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { configMaps } from '../../platform/kubernetes/resources.ts';
import { startLight } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { clientOn } from '../support/client-on.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const namespace = 'default';

const until = (what: string, holds: () => boolean): Promise<true> =>
  waitFor({ what, seconds: 60, every: 10, look: () => (holds() ? true : undefined) });

test('a list-watch follows changes through a killed API server and an expired version', async (t) => {
  const light = await startLight({ redis: false, progress: silent });
  t.teardown(() => light.stop());
  const kubernetes = clientOn(light);
  t.teardown(() => kubernetes.close());
  const log = createRecordingLogger();
  const told: string[] = [];
  const resumedFrom: string[] = [];
  let expire = false;
  const watch = createListWatch({
    client: {
      listPages: (resource, options) => {
        expire = false;
        return kubernetes.listPages(resource, options);
      },
      watch: (resource, options) => {
        // The real answer to a version that has long been compacted away.
        const resourceVersion = expire ? '1' : options.resourceVersion;
        resumedFrom.push(resourceVersion);
        return kubernetes.watch(resource, { ...options, resourceVersion });
      },
    },
    resource: configMaps,
    namespace,
    labelSelector: 'watched=yes',
    project: (object) => stringAt(object, 'data', 'value'),
    clock: systemClock,
    random: Math.random,
    log,
    onAdd: ({ name, value }) => told.push(`add ${name}=${value}`),
    onUpdate: ({ name, value }) => told.push(`update ${name}=${value}`),
    onDelete: ({ name }) => told.push(`delete ${name}`),
  });
  const set = (name: string, value: string) => {
    const metadata = { namespace, name, labels: { watched: 'yes' } };
    return kubernetes.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } });
  };
  const tells = (what: string) => until(what, () => told.includes(what));

  await set('first', '1');
  watch.start();
  t.teardown(() => watch.stop());
  await watch.whenSynced(AbortSignal.timeout(10_000));
  await set('second', '1');
  await tells('add second=1');
  await kubernetes.delete(configMaps, { namespace, name: 'first' });
  await tells('delete first');

  expire = true;
  await light.stopApiServer('kill');
  await until('the loss to be noticed', () => watch.trouble() !== undefined);
  const refused = await t.throwsAsync(set('second', '0'), { instanceOf: KubernetesError });
  t.is(refused.kind, 'unavailable');
  await light.startApiServer();
  await set('second', '2');
  await tells('update second=2');
  await until('a list to be made anew and a watch begun from it', () => resumedFrom.at(-1) !== '1');
  await set('third', '1');
  await tells('add third=1');

  t.deepEqual(told, ['add first=1', 'add second=1', 'delete first', 'update second=2', 'add third=1']);
  t.deepEqual([...watch.values()].map(({ name, value }) => `${name}=${value}`).toSorted(), ['second=2', 'third=1']);
  t.true(resumedFrom.includes('1'));
  t.true(
    log.lines.some(({ fields }) => fields['err'] instanceof KubernetesError && fields['err'].kind === 'gone'),
    'the API server said that the version is too old',
  );
  t.is(watch.trouble(), undefined);
});
