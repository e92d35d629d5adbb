/** What most tests of outages begin with: a canary that shifts weights, and a neighbour that has nothing to do with it. */
import type { ExecutionContext } from 'ava';
import { canaries } from '../../platform/kubernetes/resources.ts';
import type { CanaryOptions } from './a-canary.ts';
import type { AviaryProcess } from './aviary-process.ts';
import { recordCanaries } from './canary-record.ts';
import type { CanaryRecord } from './canary-record.ts';
import type { OutageBench } from './outage-bench.ts';
import { blueGreen, initialize, release, weighted } from './released-canary.ts';
import type { CanaryName } from './released-canary.ts';

export interface Scene {
  readonly podinfo: CanaryName;
  readonly neighbour: CanaryName;
  readonly record: CanaryRecord;
  /** Gives both a new image. */
  release(version?: number): Promise<void>;
}

export interface SceneOptions {
  readonly namespace: string;
  /** Laid over the analysis of podinfo. */
  readonly analysis?: CanaryOptions['analysis'];
}

/** Creates the namespace with both canaries and waits until they are initialized; the test's end takes them away. */
export async function setScene(t: ExecutionContext, bench: OutageBench, options: SceneOptions): Promise<Scene> {
  const { cluster } = bench;
  const { namespace, analysis } = options;
  await cluster.namespace(namespace);
  const record = await recordCanaries(cluster.user, namespace);
  const podinfo = { namespace, name: 'podinfo' };
  const neighbour = { namespace, name: 'neighbour' };
  t.teardown(async () => {
    if (!t.passed) for (const process of bench.processes) t.log(lastWords(process));
    await record.stop();
    await Promise.all([podinfo, neighbour].map((name) => cluster.user.delete(canaries, name)));
  });
  await initialize(cluster, [
    { ...podinfo, ...weighted, analysis: { ...weighted.analysis, ...analysis } },
    { ...neighbour, ...blueGreen },
  ]);
  return {
    podinfo,
    neighbour,
    record,
    release: async (version = 2) => {
      await Promise.all([podinfo, neighbour].map((name) => release(cluster, name, version)));
    },
  };
}

/** For a test that failed: what a process said last. */
function lastWords(process: AviaryProcess): string {
  const lines = process.lines().filter(({ msg }) => msg !== 'tick done');
  return [process.errors(), ...lines.slice(-12).map((line) => JSON.stringify(line).slice(0, 500))].join('\n');
}
