/** A webhook that hangs for longer than a step may last, asked by a real worker. */
import test from 'ava';
import { waitFor } from '../../sandbox/wait.ts';
import { startOutageBench } from '../support/outage-bench.ts';
import type { OutageBench } from '../support/outage-bench.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { eventsOf, initialize, reaches, release } from '../support/released-canary.ts';

let bench: OutageBench;
let receiver: Receiver;
test.before(async () => {
  receiver = await startReceiver({ answer: () => 'silence' });
  bench = await startOutageBench();
});
test.after.always(async () => {
  await bench?.close();
  await receiver?.close();
});

const podinfo = { namespace: 'hanging', name: 'podinfo' };
const late = (): string =>
  `2 × Warning Halt podinfo.hanging advancement pre-rollout check hangs failed POST ${receiver.url} giving up after 1 ` +
  "attempt(s): no time is left in the step for webhook 'hangs' (timeout 5m0s, retries 0): shorten timeout and retries of " +
  'the webhooks, or have the operator raise STEP_TIMEOUT';

test.serial(
  'it is a failed check in every slot and rolled back, and Warnings have named it: when it was seen, and for the run',
  async (t) => {
    const { cluster } = bench;
    await cluster.namespace(podinfo.namespace);
    const env = { NAMESPACE: podinfo.namespace, STEP_TIMEOUT: '3s' };
    const worker = bench.run({ program: 'worker', env });
    bench.run({ program: 'scheduler', env });
    const webhooks = [{ name: 'hangs', type: 'pre-rollout', url: receiver.url, timeout: '5m' }];
    const analysis = { interval: '3s', threshold: 2, stepWeight: 10, maxWeight: 30, webhooks };
    await initialize(cluster, [{ ...podinfo, analysis }]);
    await release(cluster, podinfo, 2);
    await reaches(cluster, podinfo, { phase: 'Failed' });
    const said = await waitFor({
      what: 'the events of the rollback',
      seconds: 10,
      look: async () => {
        const events = await eventsOf(cluster, podinfo);
        return events.some((event) => event.includes('failed checks threshold reached 2')) ? events : undefined;
      },
    });
    t.true(said.includes(late()), said.join('\n'));
    t.deepEqual(
      said.filter((event) => event.includes('spec.analysis.webhooks[0]')).map((event) => event.slice(0, 45)),
      ['2 × Warning spec.analysis.webhooks[0] (hangs)'],
    );
    const aborted = worker.lines().filter(({ msg }) => msg === 'step failed');
    t.deepEqual(aborted, []);
  },
);
