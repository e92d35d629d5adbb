import test from 'ava';
import type { KubernetesClient, ListOptions } from '../../platform/kubernetes/client.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { listedCanaries } from '../../scheduler/canary-source.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

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
  t.deepEqual(namesIn(await listedCanaries({ client, namespaces: [], log })(signal)), ['a', 'b', 'c']);
  t.deepEqual(asked, [undefined]);
});

test('each namespace that is to be served is listed by itself', async (t) => {
  const { client, asked } = aClient([[page('a')], [page('b')]]);
  t.deepEqual(namesIn(await listedCanaries({ client, namespaces: ['one', 'two'], log })(signal)), ['a', 'b']);
  t.deepEqual(asked, ['one', 'two']);
});

test('a list that expires half way is begun again, and nothing of it counts twice', async (t) => {
  const { client, asked } = aClient([
    [page('a'), gone],
    [page('a'), page('b')],
  ]);
  t.deepEqual(namesIn(await listedCanaries({ client, namespaces: [], log })(signal)), ['a', 'b']);
  t.is(asked.length, 2);
});

test('a list that expires again and again fails instead of answering with a part', async (t) => {
  const { client, asked } = aClient([[page('a'), gone], [page('a'), gone], [page('a'), gone], [page('a')]]);
  await t.throwsAsync(listedCanaries({ client, namespaces: [], log })(signal), { is: gone });
  t.is(asked.length, 3);
});

const forbidden = (namespace: string) =>
  new KubernetesError({
    kind: 'forbidden',
    action: `list Canary in ${namespace}`,
    detail: '403 Forbidden: User "aviary" cannot list resource "canaries"',
  });

test('a namespace that may not be read is left out and named, and the others are listed', async (t) => {
  const { client } = aClient([[page('a')], [forbidden('two')], [page('c')]]);
  const lines = createRecordingLogger();
  const source = listedCanaries({ client, namespaces: ['one', 'two', 'three'], log: lines });
  t.deepEqual(namesIn(await source(signal)), ['a', 'c']);
  t.deepEqual(
    lines.lines.map(({ level, fields }) => [level, fields['namespace'], fields['refusal']]),
    [['warn', 'two', forbidden('two').message]],
  );
  t.regex(lines.lines[0]?.message ?? '', /RoleBinding/);
});

test('where none of the namespaces may be read, the list fails with what the API server says', async (t) => {
  const { client } = aClient([[forbidden('one')], [forbidden('two')]]);
  const lines = createRecordingLogger();
  await t.throwsAsync(listedCanaries({ client, namespaces: ['one', 'two'], log: lines })(signal), {
    message: /Canary in one: 403/,
  });
  await t.throwsAsync(listedCanaries({ client: aClient([[forbidden('all')]]).client, namespaces: [], log })(signal), {
    message: /Canary in all: 403/,
  });
});

test('a namespace that cannot be read for any other reason fails the list', async (t) => {
  const away = new KubernetesError({ kind: 'unavailable', action: 'list canaries', detail: '503' });
  const { client } = aClient([[page('a')], [away]]);
  await t.throwsAsync(listedCanaries({ client, namespaces: ['one', 'two'], log })(signal), { is: away });
});
