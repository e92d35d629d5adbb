import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import { canaries, deployments, secrets, trafficRoutes } from '../../../platform/kubernetes/resources.ts';
import { fakeToken, json, page } from '../../support/fake-api-server.ts';
import { canary, podinfo, clientTest as test, useFakeApiServer } from './client-fixture.ts';

useFakeApiServer();

test('a get returns the object as plain JSON and says who asks', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(json({ ...canary, extra: { kept: ['yes'] } }));
  const object = await client.get(canaries, podinfo);
  t.deepEqual(object['extra'], { kept: ['yes'] });
  t.is(object.metadata.resourceVersion, '7');
  const [request] = server.requests;
  t.is(request?.url, '/apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo');
  t.is(request?.headers.authorization, `Bearer ${fakeToken}`);
  t.is(request?.headers['user-agent'], 'aviary-test/1');
});

test('a get of metadata alone asks for it and the answer still carries the kind of the resource', async (t) => {
  const { server, client } = t.context;
  const answer = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { ...podinfo } };
  server.answerInOrder(json(answer));
  const object = await client.get(secrets, podinfo, { metadataOnly: true });
  t.is(server.requests[0]?.headers.accept, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  t.deepEqual([object.apiVersion, object.kind], ['v1', 'Secret']);
});

test('a list follows the continuation and completes each item with apiVersion and kind', async (t) => {
  const { server, client } = t.context;
  const item = (name: string) => ({ metadata: { namespace: 'test', name } });
  server.answerInOrder(page([item('a'), item('b')], '40', 'next-page'), page([item('c')], '40'));
  const all = await client.list(deployments, { namespace: 'test', labelSelector: 'app=a,tier!=b', pageSize: 2 });
  t.deepEqual(
    all.items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name]),
    ['a', 'b', 'c'].map((name) => ['apps/v1', 'Deployment', name]),
  );
  t.is(all.resourceVersion, '40');
  t.deepEqual(
    server.requests.map(({ path, query }) => [
      path,
      query.get('limit'),
      query.get('labelSelector'),
      query.get('continue'),
    ]),
    [
      ['/apis/apps/v1/namespaces/test/deployments', '2', 'app=a,tier!=b', null],
      ['/apis/apps/v1/namespaces/test/deployments', '2', 'app=a,tier!=b', 'next-page'],
    ],
  );
});

interface WriteCase {
  write: (client: KubernetesClient) => Promise<unknown>;
  request: string;
  contentType: string;
  body: unknown;
}

const { managedFields: _ignored, ...cleanMetadata } = canary.metadata;
const writes: Record<string, WriteCase> = {
  'a create is a POST to the collection': {
    write: (client) => client.create(canaries, canary),
    request: 'POST /apis/flagger.app/v1beta1/namespaces/test/canaries?fieldManager=aviary',
    contentType: 'application/json',
    body: canary,
  },
  'a dry run says so': {
    write: (client) => client.create(canaries, canary, { dryRun: true }),
    request: 'POST /apis/flagger.app/v1beta1/namespaces/test/canaries?fieldManager=aviary&dryRun=All',
    contentType: 'application/json',
    body: canary,
  },
  'an apply is a server-side apply without managedFields, and forces nothing unless told': {
    write: (client) => client.apply(canaries, canary),
    request: 'PATCH /apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo?fieldManager=aviary&force=false',
    contentType: 'application/apply-patch+yaml',
    body: { ...canary, metadata: cleanMetadata },
  },
  'an apply may force, under another name and with a version': {
    write: (client) => client.apply(canaries, canary, { force: true, fieldManager: 'x', resourceVersion: '8' }),
    request: 'PATCH /apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo?fieldManager=x&force=true',
    contentType: 'application/apply-patch+yaml',
    body: { ...canary, metadata: { ...cleanMetadata, resourceVersion: '8' } },
  },
  'a merge patch sends the patch alone': {
    write: (client) => client.mergePatch(deployments, podinfo, { patch: { spec: { replicas: 0 } } }),
    request: 'PATCH /apis/apps/v1/namespaces/test/deployments/podinfo?fieldManager=aviary',
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas: 0 } },
  },
  'a merge patch with a version carries it beside the other metadata': {
    write: (client) =>
      client.mergePatch(deployments, podinfo, { patch: { metadata: { labels: { a: 'b' } } }, resourceVersion: '9' }),
    request: 'PATCH /apis/apps/v1/namespaces/test/deployments/podinfo?fieldManager=aviary',
    contentType: 'application/merge-patch+json',
    body: { metadata: { labels: { a: 'b' }, resourceVersion: '9' } },
  },
  'a status is replaced by a PUT of the subresource': {
    write: (client) => client.replaceStatus(canaries, canary),
    request: 'PUT /apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo/status?fieldManager=aviary',
    contentType: 'application/json',
    body: canary,
  },
  'a status is patched at the subresource': {
    write: (client) => client.patchStatus(canaries, podinfo, { patch: { status: { phase: 'Failed' } } }),
    request: 'PATCH /apis/flagger.app/v1beta1/namespaces/test/canaries/podinfo/status?fieldManager=aviary',
    contentType: 'application/merge-patch+json',
    body: { status: { phase: 'Failed' } },
  },
  'a delete states its conditions': {
    write: (client) => client.delete(trafficRoutes, { name: 'podinfo' }, { uid: 'u-1', propagation: 'Background' }),
    request: 'DELETE /apis/kuma.io/v1alpha1/trafficroutes/podinfo',
    contentType: 'application/json',
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: 'u-1' },
    },
  },
};

for (const [title, { write, request, contentType, body }] of Object.entries(writes)) {
  test(title, async (t) => {
    const { server, client } = t.context;
    server.answerInOrder(json(canary));
    await write(client);
    const [sent] = server.requests;
    t.is(`${sent?.method} ${sent?.url}`, request);
    t.is(sent?.headers['content-type'], contentType);
    t.deepEqual(JSON.parse(sent?.body ?? ''), body);
  });
}
