import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { Agent } from 'undici';
import { call } from '../../sandbox/mesh/storefront/call.ts';
import type { Outcome } from '../../sandbox/mesh/storefront/traffic-counter.ts';

const at = '2026-01-02T03:04:05.678Z';

/** What the storefront notes down when the service answers like this. */
async function outcomeOf(answer: { status: number; body: string }): Promise<Outcome> {
  const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const dispatcher = new Agent();
  const outcome = await call({ url: new URL(`http://127.0.0.1:${port}/`), countBy: 'message', dispatcher, at });
  await dispatcher.close();
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

const rows = [
  { title: 'an answer counts under its field', status: 200, body: '{"message":"v2"}', version: 'v2' },
  { title: 'an answer without the field is of unknown version', status: 500, body: '{"code":500}', version: 'unknown' },
  {
    title: 'an answer that is no JSON is of unknown version',
    status: 503,
    body: 'no healthy upstream',
    version: 'unknown',
  },
];

for (const { title, status, body, version } of rows) {
  test(title, async (t) => {
    t.deepEqual(await outcomeOf({ status, body }), { at, status, version });
  });
}

test('a request without an answer says why', async (t) => {
  const dispatcher = new Agent();
  const outcome = await call({ url: new URL('http://127.0.0.1:1/'), countBy: 'message', dispatcher, at });
  await dispatcher.close();
  t.is(outcome.status, 0);
  t.regex(outcome.error ?? '', /ECONNREFUSED/);
});
