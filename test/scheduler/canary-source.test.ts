import test from 'ava';
import type { KubernetesClient, ListOptions } from '../../platform/kubernetes-client.ts';
import { KubernetesError } from '../../platform/kubernetes-error.ts';
import { listedCanaries } from '../../scheduler/canary-source.ts';
import { aCanaryObject } from '../support/a-canary.ts';

const signal = new AbortController().signal;
const gone = new KubernetesError({ kind: 'gone', action: 'list canaries', detail: 'continuation expired' });

const page = (...names: string[]) => ({
  items: names.map((name) => aCanaryObject({ name, metadata: { uid: `uid-of-${name}` } })),
  resourceVersion: '1',
});

/** Each list is answered by the next of these: its pages, or an error after them. */
function aClient(lists: readonly (readonly (ReturnType<typeof page> | Error)[])[]) {
  const asked: (string | undefined)[] = [];
  const client: Pick<KubernetesClient, 'listPages'> = {
    async *listPages(_resource, options?: ListOptions) {
      const answers = lists[asked.length] ?? [];
      asked.push(options?.namespace);
      for (const answer of answers) {
        if (answer instanceof Error) throw answer;
        yield answer;
      }
    },
  };
  return { client, asked };
}

const namesIn = (schedules: Iterable<{ readonly name: string }>): string[] => [...schedules].map(({ name }) => name);

test('all pages are read', async (t) => {
  const { client, asked } = aClient([[page('a', 'b'), page('c')]]);
  t.deepEqual(namesIn(await listedCanaries(client, { namespaces: [] })(signal)), ['a', 'b', 'c']);
  t.deepEqual(asked, [undefined]);
});

test('each namespace that is to be served is listed by itself', async (t) => {
  const { client, asked } = aClient([[page('a')], [page('b')]]);
  t.deepEqual(namesIn(await listedCanaries(client, { namespaces: ['one', 'two'] })(signal)), ['a', 'b']);
  t.deepEqual(asked, ['one', 'two']);
});

test('a list that expires half way is begun again, and nothing of it counts twice', async (t) => {
  const { client, asked } = aClient([
    [page('a'), gone],
    [page('a'), page('b')],
  ]);
  t.deepEqual(namesIn(await listedCanaries(client, { namespaces: [] })(signal)), ['a', 'b']);
  t.is(asked.length, 2);
});

test('a list that expires again and again fails instead of answering with a part', async (t) => {
  const { client, asked } = aClient([[page('a'), gone], [page('a'), gone], [page('a'), gone], [page('a')]]);
  await t.throwsAsync(listedCanaries(client, { namespaces: [] })(signal), { is: gone });
  t.is(asked.length, 3);
});
