/** Why something of the story does not become available: its pods' own words. */
import { arrayAt, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import { waitFor } from '../wait.ts';
import type { StoryGround } from './running-story.ts';

export interface Workload {
  readonly kind: 'deployment' | 'statefulset';
  readonly namespace: string;
  readonly name: string;
}

export interface RolloutWait {
  readonly workloads: readonly Workload[];
  /** Bound of the whole waiting. */
  readonly seconds: number;
  /** Told of what is waited for and why, as often as that is new. */
  readonly say: (line: string) => void;
}

/**
 * Waits until every workload is available.
 * @throws Error with the names of those that are not and the reasons of their pods, once `seconds` have passed
 */
export async function waitForRollouts(ground: StoryGround, { workloads, seconds, say }: RolloutWait): Promise<void> {
  const said = new Set<string>();
  let reasons: readonly string[] = [];
  let waiting: readonly Workload[] = workloads;
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  await waitFor({
    what: 'the workloads of the story',
    seconds,
    every: 2_000,
    look: async () => {
      const states = await Promise.all(waiting.map(async (one) => ({ one, ok: await isAvailable(ground, one) })));
      waiting = states.filter(({ ok }) => !ok).map(({ one }) => one);
      if (waiting.length === 0) return true;
      reasons = await podTroubles(ground, namespaces);
      const line = `waiting for ${waiting.map(({ name }) => name).join(', ')}${listed(reasons)}`;
      // Between two attempts to pull, the same reasons come and go.
      if (!said.has(line)) say(line);
      said.add(line);
      return undefined;
    },
    explain: () =>
      `  still unavailable: ${waiting.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}` +
      (reasons.length === 0 ? '' : `\n  their pods say:${listed(reasons)}`),
  });
}

const listed = (lines: readonly string[]): string => lines.map((line) => `\n      ${line}`).join('');

async function isAvailable(ground: StoryGround, { kind, namespace, name }: Workload): Promise<boolean> {
  const text = await ground.kubectl(['-n', namespace, 'get', kind, name, '-o', 'json'], { seconds: 30 });
  const object: unknown = JSON.parse(text);
  const wanted = valueAt(object, 'spec', 'replicas') ?? 1;
  const status = recordAt(object, 'status');
  const isSeen = valueAt(status, 'observedGeneration') === valueAt(object, 'metadata', 'generation');
  return isSeen && valueAt(status, 'updatedReplicas') === wanted && valueAt(status, 'availableReplicas') === wanted;
}

/** Pods of some namespaces that are not ready, each with its reason. @returns one line a pod */
export async function podTroubles(ground: StoryGround, namespaces: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    namespaces.map(async (namespace) => {
      const text = await ground.kubectl(['-n', namespace, 'get', 'pods', '-o', 'json'], { seconds: 30 });
      const pods: unknown = JSON.parse(text);
      return arrayAt(pods, 'items').flatMap(troubleOf);
    }),
  );
  return lists.flat();
}

/** One line about a pod that is neither ready, finished nor on its way out; none for the others. */
export function troubleOf(pod: unknown): readonly string[] {
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || valueAt(pod, 'metadata', 'deletionTimestamp') !== undefined) return [];
  const conditions = arrayAt(pod, 'status', 'conditions');
  const condition = (type: string): unknown => conditions.find((one) => stringAt(one, 'type') === type);
  if (stringAt(condition('Ready'), 'status') === 'True') return [];
  const name = `${stringAt(pod, 'metadata', 'namespace')}/${stringAt(pod, 'metadata', 'name')}`;
  const reasons = containerReasons(pod);
  const unscheduled = stringAt(condition('PodScheduled'), 'message');
  const all = unscheduled === undefined ? reasons : [unscheduled, ...reasons];
  return [`${name}: ${all.length === 0 ? `${phase ?? 'no phase yet'}, not ready` : all.join('; ')}`];
}

function containerReasons(pod: unknown): readonly string[] {
  const statuses = [...arrayAt(pod, 'status', 'initContainerStatuses'), ...arrayAt(pod, 'status', 'containerStatuses')];
  return statuses.flatMap((status) => {
    const reason =
      stringAt(status, 'state', 'waiting', 'reason') ?? stringAt(status, 'state', 'terminated', 'reason') ?? '';
    if (reason === '' || reason === 'Completed') return [];
    return [`${reason} (${stringAt(status, 'image') ?? 'image unknown'})`];
  });
}
