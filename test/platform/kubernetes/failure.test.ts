import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { type Answer, failure, json, text } from '../../support/fake-api-server.ts';
import { canary, errorOf, podinfo, clientTest as test, useFakeApiServer } from './client-fixture.ts';

useFakeApiServer();

const unsendable: Record<string, [(client: KubernetesClient) => Promise<unknown>, RegExp]> = {
  'a get without a namespace': [(client) => client.get(canaries, { name: 'podinfo' }), /expected a namespace/],
  'a create without a namespace': [
    (client) => client.create(canaries, { ...canary, metadata: { name: 'podinfo' } }),
    /expected a namespace/,
  ],
  'a delete without a name': [(client) => client.delete(canaries, { ...podinfo, name: '' }), /expected a name/],
  'a status without a version': [
    (client) => client.replaceStatus(canaries, { ...canary, metadata: podinfo }),
    /replace status of Canary test\/podinfo: expected metadata.resourceVersion/,
  ],
};

for (const [title, [call, message]] of Object.entries(unsendable)) {
  test(`${title} is refused before anything is sent`, async (t) => {
    const error = await errorOf(t, call(t.context.client));
    t.is(error.kind, 'invalid');
    t.regex(error.message, message);
    t.is(t.context.server.requests.length, 0);
  });
}

const failures: [Answer, string][] = [
  [failure(400, 'BadRequest'), 'invalid'],
  [failure(401, 'Unauthorized'), 'unauthorized'],
  [failure(403, 'Forbidden'), 'forbidden'],
  [failure(404, 'NotFound'), 'notFound'],
  [failure(409, 'Conflict'), 'conflict'],
  [failure(409, 'AlreadyExists'), 'alreadyExists'],
  [failure(410, 'Expired'), 'gone'],
  [failure(415, 'UnsupportedMediaType'), 'other'],
  [failure(422, 'Invalid'), 'invalid'],
  [failure(500, 'InternalError'), 'unavailable'],
  [failure(504, 'Timeout'), 'timeout'],
];

for (const [answer, kind] of failures) {
  const reason = (answer as { body: { reason: string } }).body.reason;
  test(`an answer ${reason} is an error of kind ${kind} with the server's words, and is not repeated`, async (t) => {
    const { server, client } = t.context;
    server.answerInOrder(answer);
    const error = await errorOf(t, client.apply(canaries, canary));
    t.is(error.kind, kind as KubernetesError['kind']);
    t.is(error.reason, reason);
    t.is(error.message, `apply Canary test/podinfo: ${error.status} ${reason}: server says ${reason}`);
    t.is(server.requests.length, 1);
  });
}

test('an answer that is a page of a proxy is quoted in short', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(text(`<html>\n  <body>bad gateway ${'x'.repeat(500)}`, 502));
  const error = await errorOf(t, client.get(canaries, podinfo));
  t.is(error.kind, 'unavailable');
  t.true(error.message.startsWith('get Canary test/podinfo: 502: <html> <body>bad gateway xxx'));
  t.true(error.message.length < 300);
});

test('an answer that is no object is an error, not a crash', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(json([1, 2]), text('hello'));
  t.regex((await errorOf(t, client.get(canaries, podinfo))).message, /expected a Canary, got something else/);
  t.regex((await errorOf(t, client.get(canaries, podinfo))).message, /expected JSON/);
});
