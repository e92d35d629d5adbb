import type { ExecutionContext } from 'ava';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { type ListWatch, type ListWatchOptions, createListWatch } from '../../../platform/kubernetes/watch.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { type Answer, type AnswerStream, type FakeApiServer, stream } from '../../support/fake-api-server.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import type { ClientContext } from './client-fixture.ts';

export const aCanary = (name: string, resourceVersion: string, uid = `uid-${name}`) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { namespace: 'test', name, uid, resourceVersion },
  spec: { large: 'x'.repeat(100) },
});

/** A watch that stays open; `plays` receives its stream. */
export const openWatch = (plays?: (stream: AnswerStream) => void): Answer => stream((body) => plays?.(body));

export interface ListAndWatchAnswers {
  lists: Answer[];
  /** After the last one every watch stays open and silent. */
  watches?: Answer[];
}

/** Answers lists and watches from a row each. */
export function answerListAndWatch(server: FakeApiServer, { lists, watches = [] }: ListAndWatchAnswers): void {
  const [nextLists, nextWatches] = [[...lists], [...watches]];
  server.answerWith(({ query }) => {
    if (query.has('watch')) return nextWatches.shift() ?? openWatch();
    const answer = nextLists.shift();
    if (answer === undefined) throw new Error('one list more than was scripted');
    return answer;
  });
}

/** The versions from which watches were begun. */
export const watchedFrom = (server: FakeApiServer): (string | null)[] =>
  server.requests.filter(({ query }) => query.has('watch')).map(({ query }) => query.get('resourceVersion'));

export const listCount = (server: FakeApiServer): number =>
  server.requests.filter(({ query }) => !query.has('watch')).length;

export interface StartedWatch {
  watch: ListWatch<string>;
  /** What the handlers were told: `add a@1`, `update a@1→2`, `delete a@2`, `synced`. */
  told: string[];
  log: ReturnType<typeof createRecordingLogger>;
}

const versionOf = (object: KubernetesObject): string => `${object.metadata.name}@${object.metadata.resourceVersion}`;

/** A started watch of canaries that keeps `name@version` of each; stopped when the test ends. */
export function startWatch(
  t: ExecutionContext<ClientContext>,
  options: Partial<ListWatchOptions<string>> = {},
): StartedWatch {
  const { client, clock } = t.context;
  const told: string[] = [];
  const log = createRecordingLogger();
  const watch = createListWatch({
    client,
    resource: canaries,
    project: versionOf,
    clock,
    random: () => 0,
    log,
    onAdd: ({ value }) => told.push(`add ${value}`),
    onUpdate: (next, previous) => told.push(`update ${previous.value}→${next.resourceVersion}`),
    onDelete: ({ value }) => told.push(`delete ${value}`),
    onSynced: () => told.push('synced'),
    ...options,
  });
  watch.start();
  t.teardown(() => watch.stop());
  return { watch, told, log };
}
