import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { checkClusterAccess } from '../../../platform/kubernetes/access.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { createAuthority } from '../../../sandbox/certificates.ts';
import { json, startFakeApiServer } from '../../support/fake-api-server.ts';
import type { ClientContext } from './client-fixture.ts';
import { canary, clientOf, errorOf, podinfo, clientTest as test, useFakeApiServer } from './client-fixture.ts';

useFakeApiServer();

/** A client with the account of a pod, mounted in `directory`. */
async function inPod(t: ExecutionContext<ClientContext>, token: string) {
  const { server, clock } = t.context;
  const directory = await mkdtemp(join(tmpdir(), 'service-account-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'token'), token);
  await writeFile(join(directory, 'ca.crt'), server.caCertificate);
  const { hostname: host, port } = new URL(server.url);
  const client = clientOf(server, { clock, access: { kind: 'inCluster', host, port, serviceAccountDir: directory } });
  t.teardown(() => client.close());
  return { directory, client, port };
}

test('in a pod the mounted token and authority are used, and a changed authority is noticed', async (t) => {
  const { server, clock } = t.context;
  const { directory, client, port } = await inPod(t, 'mounted-token\n');
  server.answerWith(() => json(canary));
  await client.get(canaries, podinfo);
  t.is(server.requests[0]?.headers.authorization, 'Bearer mounted-token');

  await server.close();
  const authority = await createAuthority('another');
  const successor = await startFakeApiServer({ authority, port: Number(port) });
  t.teardown(() => successor.close());
  successor.answerWith(() => json(canary));
  const unknownAuthority = errorOf(t, client.create(canaries, canary));
  t.regex((await unknownAuthority).message, /certificate/);

  await writeFile(join(directory, 'ca.crt'), authority.certificate);
  await clock.advance(30_000);
  t.is((await client.get(canaries, podinfo)).metadata.name, 'podinfo');
});

test('a token is read again after the clock was set back', async (t) => {
  const { server, clock } = t.context;
  const { directory, client } = await inPod(t, 'first');
  server.answerWith(() => json(canary));
  await client.get(canaries, podinfo);

  await writeFile(join(directory, 'token'), 'second');
  clock.setWallClock(clock.now() - 3_600_000);
  await client.get(canaries, podinfo);
  t.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    ['Bearer first', 'Bearer second'],
  );
});

test('a kubeconfig that cannot be used is named, with what was expected', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const check = (path: string, context?: string) => checkClusterAccess({ kind: 'kubeconfig', path, context });
  const missing = join(directory, 'missing');
  await t.throwsAsync(check(missing), { message: /^kubeconfig .*missing: cannot be used: ENOENT/ });
  await writeFile(join(directory, 'bad'), 'clusters: 7');
  await t.throwsAsync(check(join(directory, 'bad')), { message: /^kubeconfig .*bad: / });
  await t.throwsAsync(check(t.context.server.kubeconfigPath, 'other'), {
    message: /expected a cluster with a server URL in context 'other', got none; contexts in it: fake/,
  });
  await t.notThrowsAsync(check(t.context.server.kubeconfigPath));

  const client = clientOf(t.context.server, { access: { kind: 'kubeconfig', path: missing } });
  t.teardown(() => client.close());
  t.regex((await errorOf(t, client.create(canaries, canary))).message, /missing: cannot be used: ENOENT/);
});

test('a service account whose files are not there is named, with the file', async (t) => {
  const serviceAccountDir = join(tmpdir(), 'no-service-account');
  await t.throwsAsync(checkClusterAccess({ kind: 'inCluster', host: '::1', port: '6443', serviceAccountDir }), {
    message:
      /^credentials for https:\/\/\[::1\]:6443 cannot be had: ENOENT.*no-service-account.*; have the account mounted into the pod .* KUBERNETES_ACCOUNT_DIR/,
  });
});

test('a server that is no TLS server is an unavailable one', async (t) => {
  const plain = createServer((socket) => socket.resume().end('hello\r\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => plain.close(() => resolve())));
  const { port } = plain.address() as AddressInfo;
  const directory = await mkdtemp(join(tmpdir(), 'service-account-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'token'), 't');
  await writeFile(join(directory, 'ca.crt'), t.context.server.caCertificate);
  const access = { kind: 'inCluster', host: '127.0.0.1', port: String(port), serviceAccountDir: directory } as const;
  const client = clientOf(t.context.server, { access });
  t.teardown(() => client.close());
  t.is((await errorOf(t, client.create(canaries, canary))).kind, 'unavailable');
});
