import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { KubernetesClient, RequestObservation } from '../../../platform/kubernetes/client.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesClientOptions } from '../../../platform/kubernetes/kubernetes.ts';
import { clientOn } from '../../support/client-on.ts';
import { type FakeApiServer, startFakeApiServer } from '../../support/fake-api-server.ts';
import { type FakeClock, createFakeClock } from '../../support/fake-clock.ts';

/** What every test of the client has: a scripted API server, a clock that stands still, and a client of both. */
export interface ClientContext {
  server: FakeApiServer;
  clock: FakeClock;
  client: KubernetesClient;
  observed: RequestObservation[];
}

export const clientTest = anyTest as TestFn<ClientContext>;

export const clientOf = (server: FakeApiServer, options: Partial<KubernetesClientOptions> = {}): KubernetesClient =>
  clientOn(server, { userAgent: 'aviary-test/1', random: () => 0, ...options });

/** Call it at the top of a test file. */
export function useFakeApiServer(): void {
  clientTest.beforeEach(async (t) => {
    const server = await startFakeApiServer();
    const clock = createFakeClock();
    const observed: RequestObservation[] = [];
    const client = clientOf(server, { clock, observe: (observation) => observed.push(observation) });
    t.context = { server, clock, client, observed };
  });
  clientTest.afterEach.always(async (t) => {
    await t.context.server.close();
    await t.context.client.close();
  });
}

export const podinfo = { namespace: 'test', name: 'podinfo' };

export const canary = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: {
    ...podinfo,
    uid: 'u-1',
    resourceVersion: '7',
    managedFields: [{ manager: 'x', operation: 'Apply' as const }],
  },
  status: { phase: 'Progressing', canaryWeight: 10 },
};

/** The error of a call that must fail. */
export async function errorOf(t: ExecutionContext<ClientContext>, call: Promise<unknown>): Promise<KubernetesError> {
  return t.throwsAsync(call, { instanceOf: KubernetesError });
}

/** Sleeps the pause between two attempts away; gives its length. Beside the pause the call's own bound is waiting. */
export async function passPause(clock: FakeClock): Promise<number> {
  await clock.whenWaiting(2);
  const [pauseMs = Number.NaN] = clock.waiting();
  await clock.advanceToNext();
  return pauseMs;
}
