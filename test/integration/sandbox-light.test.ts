import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import test from 'ava';
import { parse } from 'yaml';
import { builtProgram } from '../../sandbox/environment.ts';
import { type LightCluster, startLight } from '../../sandbox/light.ts';
import { accepts } from '../../sandbox/ports.ts';
import { identify, isRunning } from '../../sandbox/process-table.ts';
import { silent } from '../../sandbox/progress.ts';
import { waitFor } from '../../sandbox/wait.ts';

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

interface Answer {
  status: number;
  body: { kind?: string; items?: { metadata: { name: string } }[]; message?: string };
}

interface Call {
  path: string;
  method?: string;
  body?: object;
  anonymous?: boolean;
}

async function call(cluster: LightCluster, { path, method = 'GET', body, anonymous = false }: Call): Promise<Answer> {
  const config = parse(await readFile(cluster.kubeconfigPath, 'utf8')) as Kubeconfig;
  const { server, 'certificate-authority-data': authority } = config.clusters[0].cluster;
  const { 'client-certificate-data': certificate, 'client-key-data': key } = config.users[0].user;
  const decoded = (text: string): Buffer => Buffer.from(text, 'base64');
  const client = anonymous ? {} : { cert: decoded(certificate), key: decoded(key) };
  const sending = request(`${server}${path}`, { ca: decoded(authority), agent: false, method, ...client });
  sending.setHeader('content-type', 'application/json');
  sending.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sending, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer['body'] };
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
const configMaps = '/api/v1/namespaces/default/configmaps';

test('a light cluster serves the API over TLS, keeps its data through a restart and leaves nothing behind', async (t) => {
  const cluster = await startLight({ redis: true, audit: true, progress: silent });
  const processes = cluster.pids().flatMap((pid) => identify(pid) ?? []);
  t.is(processes.length, 4, 'etcd, kube-apiserver, redis-server and the guard');

  const created = await call(cluster, { path: configMaps, method: 'POST', body: configMap });
  t.is(created.status, 201, created.body.message);
  t.is((await call(cluster, { path: configMaps, anonymous: true })).status, 403, 'RBAC refuses who has no certificate');

  await cluster.restartApiServer('kill');
  const listed = await call(cluster, { path: configMaps });
  t.true(listed.body.items?.some((item) => item.metadata.name === 'kept'));
  t.regex(await readFile(cluster.auditLogPath ?? '', 'utf8'), /"verb":"create".*"resource":"configmaps"/);

  const redisPort = Number(new URL(cluster.redisUrl).port);
  t.true(await accepts(redisPort));
  await cluster.stopRedis();
  t.false(await accepts(redisPort));
  await cluster.startRedis();
  t.true(await accepts(redisPort));

  const later = cluster.pids().flatMap((pid) => identify(pid) ?? []);
  await cluster.stop();
  t.deepEqual([...processes, ...later].filter(isRunning), []);
  t.false(existsSync(cluster.directory));
});

test('a light cluster ends when the process that started it is killed', async (t) => {
  const child = spawn(process.execPath, [builtProgram('main.js'), 'light', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { pids, directory } = JSON.parse(line) as { pids: number[]; directory: string };
  const processes = pids.flatMap((pid) => identify(pid) ?? []);
  t.true(processes.length >= 4);
  t.true(existsSync(directory));

  child.kill('SIGKILL');
  await waitFor({
    what: 'the guard to end every process and remove the folder',
    seconds: 20,
    look: () => (processes.some(isRunning) || existsSync(directory) ? undefined : true),
  });
  t.pass('nothing is left');
});
