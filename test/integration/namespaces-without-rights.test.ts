/** Scheduler and worker as an account that has rights by RoleBindings, in some of the namespaces that they are to serve. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import { stringAt } from '../../platform/json.ts';
import { resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { conditionOf } from '../support/stored-object.ts';

const user = 'aviary-of-some-namespaces';
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const roleBindings = resource({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true });

let cluster: CanaryCluster;
let kubeconfig: string;
test.before(async () => {
  cluster = await startCanaryCluster();
  kubeconfig = await actAsUser();
});
test.after.always(() => cluster.close());

/** The administrator's kubeconfig, acting as our user. */
async function actAsUser(): Promise<string> {
  const { light } = cluster;
  const config = parse(await readFile(light.kubeconfigPath, 'utf8')) as { users: { user: Record<string, unknown> }[] };
  for (const entry of config.users) entry.user['as'] = user;
  const path = join(light.directory, 'kubeconfig-of-user');
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

async function giveRights(namespace: string): Promise<void> {
  await cluster.user.create(roleBindings, {
    apiVersion: `${rbac.group}/${rbac.version}`,
    kind: 'RoleBinding',
    metadata: { namespace, name: user },
    roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', apiGroup: rbac.group, name: user }],
  });
}

/** A namespace with a Canary whose step is told by a condition. */
async function home(name: string): Promise<string> {
  const namespace = await cluster.namespace(name);
  await cluster.canary({ namespace, spec: { provider: 'appmesh' }, analysis: { interval: '1s' } });
  return namespace;
}

const stalledOf = async (namespace: string): Promise<string | undefined> =>
  stringAt(conditionOf(await cluster.read(namespace), 'Stalled'), 'message');

const settingsFor = (prefix: string, namespaces: readonly string[]): Record<string, string> => ({
  ...settingsOn(cluster, prefix),
  KUBECONFIG: kubeconfig,
  NAMESPACE: namespaces.join(','),
});

const leftOut = (process: AviaryProcess): unknown[] =>
  process
    .lines()
    .filter(({ msg }) => String(msg).startsWith('namespace left out'))
    .map(({ namespace }) => namespace);

async function readiness(process: AviaryProcess): Promise<{ readonly status: number; readonly text: string }> {
  const { url } = await process.said('listening');
  const { statusCode, body } = await request(`${String(url)}/readyz`);
  return { status: statusCode, text: await body.text() };
}

test.serial('a namespace without rights stops neither ticks nor steps of the others', async (t) => {
  const [open, closed] = [await home('open'), await home('closed')];
  await giveRights(open);
  const env = settingsFor('some', [open, closed]);
  const once = startProcessFor(t, { program: 'scheduler', args: ['--once'], env });
  t.is(await once.ended(), 0);
  t.deepEqual(leftOut(once), [closed]);
  t.is((await once.said('tick done'))['canaries'], 1);

  const scheduler = startProcessFor(t, { program: 'scheduler', env });
  const worker = startProcessFor(t, { program: 'worker', env });
  await waitFor({ what: 'a step in the open namespace', seconds: 20, look: () => stalledOf(open) });
  t.deepEqual(
    (await Promise.all([scheduler, worker].map(readiness))).map(({ status }) => status),
    [200, 200],
  );
  t.is(await stalledOf(closed), undefined);

  await giveRights(closed);
  await waitFor({ what: 'a step in the other namespace', seconds: 90, look: () => stalledOf(closed) });
  t.deepEqual([leftOut(scheduler), leftOut(worker)], [[closed], [closed]], 'said once');
});

test.serial('without rights in any namespace nobody is ready, and it is said why', async (t) => {
  const [first, second] = [await home('first'), await home('second')];
  const env = settingsFor('none', [first, second]);
  const once = startProcessFor(t, { program: 'scheduler', args: ['--once'], env });
  t.is(await once.ended(), 1);
  t.regex(once.errors(), /list Canary in (first|second): 403 .*cannot list resource \\?"canaries/);
  for (const program of ['scheduler', 'worker'] as const) {
    const process = startProcessFor(t, { program, env });
    await process.said('watch interrupted');
    const { status, text } = await readiness(process);
    t.is(status, 503);
    t.regex(text, /list Canary in (first|second): 403 .*cannot list resource \\"canaries/);
  }
});
