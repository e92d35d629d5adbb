import test from 'ava';
import type { KubernetesObject, ManagedFields } from '../../platform/kubernetes/object.ts';
import { createFollowedSink } from '../../scheduler/followed-watch.ts';
import { isOnlyScaled, writesOf } from '../../scheduler/scaling.ts';

const write = (manager: string, second: number, over: Partial<ManagedFields> = {}): ManagedFields => ({
  manager,
  operation: 'Update',
  time: `2026-01-02T03:04:0${second}Z`,
  ...over,
});

const scale = { subresource: 'scale' };

const aTarget = (generation: number, managedFields: ManagedFields[] | undefined): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'podinfo',
    namespace: 'shop',
    uid: 'u',
    generation,
    resourceVersion: String(generation),
    ...(managedFields && { managedFields }),
  },
});

const user = write('kubectl', 1);

const rows: Record<string, readonly [before: ManagedFields[] | undefined, now: ManagedFields[] | undefined, boolean]> =
  {
    'Aviary has scaled': [[user, write('aviary', 1)], [user, write('aviary', 2)], true],
    'Aviary has scaled for the first time': [[user], [user, write('aviary', 2)], true],
    'an autoscaler has scaled': [[user], [user, write('controller', 2, scale)], true],
    'a user has scaled by hand': [[user, write('kubectl', 1, scale)], [user, write('kubectl', 2, scale)], true],
    'who scaled owns the number from then on': [
      [write('kubectl', 1, { fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } } })],
      [write('kubectl', 1, { fieldsV1: { 'f:spec': { 'f:template': {} } } }), write('aviary', 2)],
      true,
    ],
    'a controller has reported meanwhile': [
      [user, write('controller', 1, { subresource: 'status' })],
      [user, write('controller', 2, { subresource: 'status' }), write('aviary', 2)],
      true,
    ],
    'a user has written a new template': [[user], [write('kubectl', 2)], false],
    'somebody else has': [[user, write('aviary', 1)], [user, write('aviary', 1), write('flux', 2)], false],
    'a user has, and Aviary has scaled meanwhile': [
      [user, write('aviary', 1)],
      [write('kubectl', 2), write('aviary', 2)],
      false,
    ],
    'a user has, twice within a second': [[user, write('aviary', 1)], [user, write('aviary', 1)], false],
    'nobody says who has written': [undefined, undefined, false],
  };

const marks = (managedFields: ManagedFields[] | undefined) => writesOf(aTarget(1, managedFields));

for (const [title, [before, now, expected]] of Object.entries(rows)) {
  test(`a new generation is a number of pods or more: ${title}`, (t) => {
    t.is(isOnlyScaled(marks(before), marks(now)), expected);
    const changes: string[] = [];
    const sink = createFollowedSink('Deployment', {
      followers: { has: () => true },
      onChange: ({ cause }) => changes.push(cause),
    });
    sink.changed(aTarget(1, before));
    sink.changed(aTarget(2, now));
    t.deepEqual(changes, expected ? ['deployment-u-1'] : ['deployment-u-1', 'deployment-u-2']);
  });
}
