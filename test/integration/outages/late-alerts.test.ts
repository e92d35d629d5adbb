/** A receiver is away until long after a canary has settled: its alert is owed meanwhile, and the canary is not at rest. */
import test from 'ava';
import { arrayAt } from '../../../platform/json.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import type { AviaryProcess } from '../../support/aviary-process.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench } from '../../support/outage-bench.ts';
import { assertAlerts, concludes } from '../../support/outcome-of-a-run.ts';
import { blueGreen, initialize } from '../../support/released-canary.ts';

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
  await bench.fleet({});
});
test.after.always(() => bench.close());

const podinfo = { namespace: 'late-alerts', name: 'podinfo' };

/** Steps of the initialized canary so far, by whether they only compared versions. */
function stepsOfTheSettled(processes: readonly AviaryProcess[]): { readonly taken: number; readonly compared: number } {
  const lines = processes
    .flatMap((process) => process.lines())
    .filter(({ msg, phase }) => msg === 'step taken' && phase === 'Initialized');
  const compared = lines.filter(({ unchanged }) => unchanged === true).length;
  return { taken: lines.length - compared, compared };
}

test('an alert that arrives long after its canary has settled leaves the outbox with the next step', async (t) => {
  const { cluster, processes } = bench;
  bench.refuseAlerts(true);
  await cluster.namespace(podinfo.namespace);
  await initialize(cluster, [{ ...podinfo, ...blueGreen }]);
  await waitFor({
    what: 'six steps that are taken',
    seconds: 40,
    look: () => (stepsOfTheSettled(processes).taken >= 6 ? true : undefined),
    explain: () => JSON.stringify(stepsOfTheSettled(processes)),
  });
  t.is(arrayAt(await cluster.read(podinfo.namespace, podinfo.name), 'status', 'outbox').length, 1);
  t.is(stepsOfTheSettled(processes).compared, 0);
  bench.refuseAlerts(false);
  await concludes(bench, podinfo, 'Initialized');
  await assertAlerts(t, bench, { canary: podinfo, alerts: ['New Deployment detected, initialization completed.'] });
  await waitFor({
    what: 'a step that only compares versions',
    seconds: 20,
    look: () => (stepsOfTheSettled(processes).compared > 0 ? true : undefined),
  });
});
