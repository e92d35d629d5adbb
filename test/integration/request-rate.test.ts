/** A real API server that refuses: our requests have a priority level of their own, with few seats and no queue. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parse, stringify } from 'yaml';
import { systemClock as clock } from '../../platform/clock.ts';
import type { KubernetesClient, RequestObservation } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createRequestRate } from '../../platform/kubernetes/request-rate.ts';
import { configMaps, namespaces, resource } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { markUrgent } from '../../platform/kubernetes/urgency.ts';
import { startLight } from '../../sandbox/light.ts';
import type { LightCluster } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { clientOn } from '../support/client-on.ts';

const user = 'aviary-with-few-seats';

const clusterWide = (group: string, plural: string, kind: string): Resource =>
  resource({ group, version: 'v1', plural, kind, namespaced: false });
const levels = clusterWide('flowcontrol.apiserver.k8s.io', 'prioritylevelconfigurations', 'PriorityLevelConfiguration');
const schemas = clusterWide('flowcontrol.apiserver.k8s.io', 'flowschemas', 'FlowSchema');
const roleBindings = clusterWide('rbac.authorization.k8s.io', 'clusterrolebindings', 'ClusterRoleBinding');

const objectOf = ({ group, version, kind }: Resource, rest: Record<string, unknown>): KubernetesObject => ({
  apiVersion: group === '' ? version : `${group}/${version}`,
  kind,
  metadata: { name: user },
  ...rest,
});

let light: LightCluster;
let kubeconfigPath: string;

/** The administrator's kubeconfig, acting as our user: administrators themselves are never refused. */
async function actAsUser(): Promise<string> {
  const config = parse(await readFile(light.kubeconfigPath, 'utf8')) as { users: { user: Record<string, unknown> }[] };
  for (const entry of config.users) entry.user['as'] = user;
  const path = join(light.directory, 'kubeconfig-of-user');
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

async function limitUser(admin: KubernetesClient): Promise<void> {
  const subject = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await admin.create(roleBindings, objectOf(roleBindings, { roleRef, subjects: [subject] }));
  const limited = { nominalConcurrencyShares: 1, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } };
  await admin.create(levels, objectOf(levels, { spec: { type: 'Limited', limited } }));
  const everything = {
    subjects: [{ kind: 'User', user: { name: user } }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  };
  const spec = { priorityLevelConfiguration: { name: user }, matchingPrecedence: 2, rules: [everything] };
  await admin.create(schemas, objectOf(schemas, { spec }));
}

test.before(async () => {
  light = await startLight({ redis: false, progress: silent });
  kubeconfigPath = await actAsUser();
  const admin = clientOn(light);
  await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } });
  const data = { text: 'x'.repeat(100_000) };
  for (let index = 0; index < 40; index += 1) {
    const metadata = { namespace: 'test', name: `large-${index}` };
    await admin.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
  await limitUser(admin);
  await admin.close();
});
test.after.always(() => light.stop());

/** Lists that take the server a while each. */
const lists = (client: KubernetesClient, count: number): Promise<unknown>[] =>
  Array.from({ length: count }, () => client.list(configMaps, { namespace: 'test', timeoutMs: 60_000 }));

test.serial(
  'the server refuses our user more than its seats, and the process slows down until all is served',
  async (t) => {
    const codes: unknown[] = [];
    const refusals = (): number => codes.filter((code) => code === 429).length;
    const unlimited = clientOn({ kubeconfigPath }, { observe: ({ code }) => codes.push(code) });
    // The new priority level takes a moment to count.
    await waitFor({
      what: 'a refusal',
      seconds: 30,
      look: async () => {
        await Promise.allSettled(lists(unlimited, 20));
        return refusals() > 0 ? true : undefined;
      },
    });
    await unlimited.close();
    const before = refusals();
    const rate = createRequestRate({ clock, qps: 200, burst: 20 });
    const asked: RequestObservation[] = [];
    const observe = (observation: RequestObservation): void => {
      asked.push(observation);
      codes.push(observation.code);
    };
    const client = clientOn({ kubeconfigPath }, { observe, rate });
    const running = lists(client, 60);
    await waitFor({ what: 'a refusal', seconds: 20, every: 5, look: () => (refusals() > before ? true : undefined) });
    t.true(rate.allowed() < 200, `${rate.allowed()} requests a second are still allowed`);
    // Somebody rolls back meanwhile: it is not behind the sixty.
    const { signal } = new AbortController();
    markUrgent(signal);
    const urgentFrom = performance.now();
    const urgent = client
      .get(namespaces, { name: 'test' }, { signal, timeoutMs: 60_000 })
      .then(() => performance.now() - urgentFrom);
    const ends = await Promise.allSettled([...running, urgent]);
    t.deepEqual(
      ends.filter(({ status }) => status === 'rejected'),
      [],
    );
    const beforeUrgent = asked.slice(
      0,
      asked.findIndex((observation) => observation.resource === 'namespaces'),
    );
    const servedBefore = beforeUrgent.filter(({ code }) => code === 200).length;
    t.true(servedBefore < 30, `the urgent request was answered after ${servedBefore} of the 60 lists`);
    t.log(
      `${refusals() - before} refusals of 60 lists; the urgent request took ${Math.round(await urgent)} ms, ${servedBefore} lists served before its first answer`,
    );
    await client.close();
  },
);
