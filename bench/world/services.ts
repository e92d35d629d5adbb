/** Services by themselves: what of a bootstrap is the API server's work alone. */
import { systemClock as clock } from '../../platform/clock.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { ServicesAlone } from '../results.ts';
import type { Stage } from '../stage/stage.ts';
import { placesOf } from './objects.ts';
import { createNamespace, forEach } from './world.ts';

const namespace = 'services-alone';

/** Creates so many Services that select no pods, as fast as the API server takes them. */
export async function createServicesAlone({ client, progress }: Stage, count: number): Promise<ServicesAlone> {
  await createNamespace(client, namespace);
  const begunAt = clock.now();
  await progress.during(`${count} Services alone`, () =>
    forEach(placesOf(namespace, count), (metadata) =>
      client.create(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...metadata },
        spec: { ports: [{ name: 'http', port: 9898 }] },
      }),
    ),
  );
  return { count, ms: clock.now() - begunAt };
}
