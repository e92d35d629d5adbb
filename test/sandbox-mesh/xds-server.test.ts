import test from 'ava';
import { createXdsServer } from '../../sandbox/mesh/control-plane/xds-server.ts';
import type { XdsServer } from '../../sandbox/mesh/control-plane/xds-server.ts';
import { typeUrls } from '../../sandbox/mesh/xds.ts';
import type { EnvoyResources, ResourceKind } from '../../sandbox/mesh/xds.ts';

interface Answer {
  readonly status: number;
  readonly version: string;
  readonly names: readonly unknown[];
}

interface Question {
  readonly kind: ResourceKind;
  readonly version?: string;
  readonly names?: readonly string[];
}

interface Harness {
  readonly xds: XdsServer;
  readonly ask: (question: Question) => Promise<Answer>;
  /** Asks and resolves once the server holds the answer back; `ended` is what it says in the end. */
  readonly askAndHold: (question: Question) => Promise<{ ended: Promise<Answer> }>;
  readonly endHolds: () => void;
}

/** A server whose holds last until the test ends them. */
function server(): Harness {
  let holds: (() => void)[] = [];
  let onHold = (): void => undefined;
  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      holds.push(resolve);
      onHold();
    });
  const xds = createXdsServer({ now: () => 0, sleep: hold });
  const ask = async ({ kind, version = '', names = [] }: Question): Promise<Answer> => {
    const response = await xds.http.inject({
      method: 'POST',
      url: `/v3/discovery:${kind}`,
      payload: { node: { id: '10.244.0.7~client.test' }, version_info: version, resource_names: names },
    });
    if (response.statusCode !== 200) return { status: response.statusCode, version: '', names: [] };
    const body = response.json<{ version_info: string; resources: Record<string, unknown>[] }>();
    const sent = body.resources.map(({ name, cluster_name }) => name ?? cluster_name);
    return { status: 200, version: body.version_info, names: sent };
  };
  return {
    xds,
    ask,
    async askAndHold(question) {
      const holding = new Promise<void>((resolve) => {
        onHold = resolve;
      });
      const ended = ask(question);
      await holding;
      return { ended };
    },
    endHolds() {
      for (const end of holds) end();
      holds = [];
    },
  };
}

function resources(clusters: readonly string[]): EnvoyResources {
  return {
    clusters: clusters.map((name) => ({ '@type': typeUrls.clusters, name })),
    endpoints: clusters.map((name) => ({ '@type': typeUrls.endpoints, cluster_name: name })),
    listeners: [],
    routes: clusters.map((name) => ({ '@type': typeUrls.routes, name: `outbound:${name}` })),
  };
}

test('nobody is answered before everything has been listed', async (t) => {
  const { xds, askAndHold } = server();
  const early = await askAndHold({ kind: 'clusters' });
  t.is((await xds.http.inject('/ready')).statusCode, 503);
  xds.publish(resources(['a']));
  t.deepEqual((await early.ended).names, ['a']);
  t.is((await xds.http.inject('/ready')).statusCode, 200);
});

test('an asker who is up to date is answered by the next change', async (t) => {
  const { xds, ask, askAndHold } = server();
  xds.publish(resources(['a']));
  const { version } = await ask({ kind: 'clusters' });
  const next = await askAndHold({ kind: 'clusters', version });
  xds.publish(resources(['a', 'b']));
  t.deepEqual((await next.ended).names, ['a', 'b']);
});

test('an asker whose part did not change hears 304 when the hold is over', async (t) => {
  const { xds, ask, askAndHold, endHolds } = server();
  xds.publish(resources(['a']));
  const { version } = await ask({ kind: 'endpoints', names: ['a'] });
  const held = await askAndHold({ kind: 'endpoints', names: ['a'], version });
  xds.publish(resources(['a', 'b']));
  endHolds();
  t.is((await held.ended).status, 304);
});

test('only the resources asked for are sent', async (t) => {
  const { xds, ask } = server();
  xds.publish(resources(['a', 'b']));
  t.deepEqual((await ask({ kind: 'endpoints', names: ['b'] })).names, ['b']);
});

test('routes wait until the same Envoy has taken the clusters they name', async (t) => {
  const { xds, ask, askAndHold, endHolds } = server();
  xds.publish(resources(['a']));
  const { version } = await ask({ kind: 'clusters' });
  const before = await askAndHold({ kind: 'routes', names: ['outbound:a'] });
  endHolds();
  t.is((await before.ended).status, 304);

  const routes = await askAndHold({ kind: 'routes', names: ['outbound:a'] });
  await askAndHold({ kind: 'clusters', version });
  t.deepEqual((await routes.ended).names, ['outbound:a']);
});

test('Prometheus is told where the Envoys are that asked', async (t) => {
  const { xds, ask } = server();
  xds.publish(resources(['a']));
  await ask({ kind: 'clusters' });
  const response = await xds.http.inject('/prometheus/targets');
  t.deepEqual(response.json(), [{ targets: ['10.244.0.7:5670'], labels: { namespace: 'test', pod: 'client' } }]);
});
