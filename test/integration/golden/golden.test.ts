/**
 * Whole runs by the real processes on a real API server and controller manager; what is left of them is compared, object
 * by object and field by field, with files that were written by hand from the specification.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { createGuard } from '../../../sandbox/guard.ts';
import { settingsOn, startProcess } from '../../support/aviary-process.ts';
import type { AviaryProcess } from '../../support/aviary-process.ts';
import { startCanaryCluster } from '../../support/canary-cluster.ts';
import type { CanaryCluster } from '../../support/canary-cluster.ts';
import { install, meshHttpRouteV2 } from '../../support/definitions.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { startStandInKubelet } from '../../support/stand-in-kubelet.ts';
import type { StandInKubelet } from '../../support/stand-in-kubelet.ts';
import { cases } from './cases.ts';
import type { Case } from './cases.ts';
import { defaultsNamespace, goldenObjects, liveObjects } from './golden.ts';

let cluster: CanaryCluster;
let kubelet: StandInKubelet;
let hooks: Receiver;
const guard = createGuard();
const processes: AviaryProcess[] = [];

test.before(async () => {
  cluster = await startCanaryCluster({ controllerManager: true });
  await install(cluster.user, meshHttpRouteV2());
  await cluster.namespace(defaultsNamespace);
  kubelet = await startStandInKubelet(cluster.user);
  // A path of `refused` is a check that fails or a gate that is shut.
  hooks = await startReceiver({ answer: ({ path }) => ({ status: path.includes('refused') ? 403 : 200 }) });
  const env = { ...settingsOn(cluster, 'golden'), ALLOW_LOOPBACK: 'true', TICK_INTERVAL: '1s', DRAIN_DELAY: '1s' };
  for (const program of ['scheduler', 'worker', 'worker'] as const) {
    processes.push(startProcess({ program, env, guard }));
  }
});

test.after.always(async () => {
  for (const process of processes) process.kill('SIGKILL');
  await Promise.all(processes.map((process) => process.ended()));
  await guard.release();
  await kubelet?.stop();
  await hooks?.close();
  await cluster?.close();
});

for (const one of cases) {
  test(one.title, async (t) => {
    await one.play({ cluster, namespace: await cluster.namespace(one.golden), hooks: hooks.url });
    await isGolden(t, one);
  });
}

async function isGolden(t: ExecutionContext, { golden }: Case): Promise<void> {
  t.deepEqual(await liveObjects(cluster.user, golden), await goldenObjects(cluster.user, golden));
}
