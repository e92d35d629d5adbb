/**
 * Aviary as processes on a real API server and a real Redis, for tests that take parts of that away: two schedulers, two
 * workers, a receiver of alerts, and a gate through which the workers speak to the API server.
 */
import { stringAt, valueAt } from '../../platform/json.ts';
import { createGuard } from '../../sandbox/guard.ts';
import { startStandInNode } from '../../sandbox/stand-in-node.ts';
import { startApiGate } from './api-gate.ts';
import type { ApiGate } from './api-gate.ts';
import { settingsOn, startProcess } from './aviary-process.ts';
import type { AviaryProcess, ProcessOptions } from './aviary-process.ts';
import { startCanaryCluster } from './canary-cluster.ts';
import type { CanaryCluster } from './canary-cluster.ts';
import { install, meshHttpRouteV2 } from './definitions.ts';
import { startReceiver } from './receiver.ts';
import type { Received, Receiver, Reply } from './receiver.ts';

export interface OutageBench {
  readonly cluster: CanaryCluster;
  readonly gate: ApiGate;
  /** Of all keys in Redis. */
  readonly prefix: string;
  /** Starts a process with these variables, beside those that every process of the bench gets. */
  run(options: ProcessOptions): AviaryProcess;
  /** Starts a worker that goes through the gate under this name. */
  worker(name: string, env: Variables): Promise<AviaryProcess>;
  /** Starts two schedulers, and two workers named `worker-1` and `worker-2`. */
  fleet(env: Variables): Promise<void>;
  /** The last worker that was started under this name. */
  workerNamed(name: string): AviaryProcess;
  readonly processes: readonly AviaryProcess[];
  /** Texts of the alerts of a canary that arrived, in their order. */
  alerts(namespace: string, name: string): readonly string[];
  /** Has the receiver of alerts answer 503 from now on, or take them again. */
  refuseAlerts(isRefusing: boolean): void;
  /** Texts of the alerts of a canary that were refused, in their order. */
  refusedAlerts(namespace: string, name: string): readonly string[];
  /** Ends every process and every part. */
  close(): Promise<void>;
}

const settingsPrefix = 'outages';

export type Variables = Readonly<Record<string, string>>;

export async function startOutageBench(): Promise<OutageBench> {
  const cluster = await startCanaryCluster();
  await install(cluster.user, meshHttpRouteV2());
  const [gate, alerts] = await Promise.all([startApiGate(cluster.light), startAlertReceiver()]);
  const node = startStandInNode(cluster.user);
  const { processes, run, end } = createProcesses(cluster, alerts.slack);
  const workers = new Map<string, AviaryProcess>();
  const worker: OutageBench['worker'] = async (name, env) => {
    const own = { KUBECONFIG: await gate.kubeconfig(name), POD_NAME: name };
    const started = run({ program: 'worker', env: { ...env, ...own } });
    workers.set(name, started);
    return started;
  };
  return {
    cluster,
    gate,
    prefix: `{${settingsPrefix}}`,
    run,
    worker,
    fleet: async (env) => {
      for (let count = 0; count < 2; count += 1) run({ program: 'scheduler', env });
      await Promise.all(['worker-1', 'worker-2'].map((name) => worker(name, env)));
    },
    workerNamed: (name) => {
      const found = workers.get(name);
      if (found === undefined) throw new Error(`expected the name of a worker, got '${name}'`);
      return found;
    },
    processes,
    alerts: (namespace, name) => alertsOf(alerts.taken, `${name}.${namespace}`),
    refuseAlerts: alerts.refuse,
    refusedAlerts: (namespace, name) => alertsOf(alerts.refused, `${name}.${namespace}`),
    close: async () => {
      await end();
      await node.stop();
      await Promise.all([gate.close(), alerts.slack.close()]);
      await cluster.close();
    },
  };
}

function createProcesses(cluster: CanaryCluster, slack: Receiver) {
  const guard = createGuard();
  const processes: AviaryProcess[] = [];
  const common: Variables = {
    ...settingsOn(cluster, settingsPrefix),
    TICK_INTERVAL: '1s',
    ALLOW_LOOPBACK: 'true',
    SLACK_URL: slack.url,
    SLACK_CHANNEL: 'releases',
  };
  return {
    processes,
    run: (options: ProcessOptions): AviaryProcess => {
      const started = startProcess({ ...options, guard, env: { ...common, ...options.env } });
      processes.push(started);
      return started;
    },
    end: async () => {
      for (const process of processes) process.kill('SIGKILL');
      await Promise.all(processes.map((process) => process.ended()));
      await guard.release();
    },
  };
}

interface AlertReceiver {
  readonly slack: Receiver;
  readonly taken: readonly Received[];
  readonly refused: readonly Received[];
  readonly refuse: (isRefusing: boolean) => void;
}

async function startAlertReceiver(): Promise<AlertReceiver> {
  const taken: Received[] = [];
  const refused: Received[] = [];
  let isRefusing = false;
  const answer = (request: Received): Reply => {
    (isRefusing ? refused : taken).push(request);
    return { status: isRefusing ? 503 : 200 };
  };
  return {
    slack: await startReceiver({ answer }),
    taken,
    refused,
    refuse: (now) => {
      isRefusing = now;
    },
  };
}

const alertsOf = (received: readonly Received[], author: string): readonly string[] =>
  received
    .map(({ body }) => valueAt(JSON.parse(body), 'attachments', 0))
    .filter((attachment) => stringAt(attachment, 'author_name') === author)
    .map((attachment) => stringAt(attachment, 'text') ?? '');
