import test from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { createHttpSender } from '../../../platform/http/http.ts';
import { startReceiver } from '../../support/receiver.ts';
import { call, withReceiver } from './hook-call.ts';

test('a hook is posted with its body and a key that stays the same', async (t) => {
  await withReceiver(
    () => ({}),
    async ({ url, received }) => {
      t.deepEqual(await call(`${url}/gate?x=1`), { passed: true, detail: '' });
      t.like(received[0], { method: 'POST', path: '/gate?x=1' });
      t.is(received[0]?.headers['content-type'], 'application/json');
      t.is(received[0]?.headers['idempotency-key'], 'run-slot-hook');
      t.is(received[0]?.headers['authorization'], undefined);
      t.is(
        received[0]?.body,
        '{"name":"podinfo","namespace":"test","phase":"Progressing","checksum":"55877b9d78","metadata":{"type":"bash"}}',
      );
    },
  );
});

for (const status of [200, 201, 202, 203, 204, 206]) {
  test(`status ${status} passes`, async (t) => {
    await withReceiver(
      () => ({ status }),
      async ({ url }) => {
        t.deepEqual(await call(url), { passed: true, detail: '' });
      },
    );
  });
}

for (const status of [304, 400, 403, 404, 501]) {
  test(`status ${status} is a refusal in the words of the receiver, and is not asked again`, async (t) => {
    await withReceiver(
      () => ({ status, body: status === 304 ? '' : 'not today\n' }),
      async ({ url, received }) => {
        const answer = await call(url, { hook: { retries: 3 } });
        t.deepEqual(answer, { passed: false, detail: status === 304 ? '304 Not Modified' : 'not today' });
        t.is(received.length, 1);
      },
    );
  });
}

test('a refusal without words is told by its status line', async (t) => {
  await withReceiver(
    () => ({ status: 403 }),
    async ({ url }) => {
      t.deepEqual(await call(url), { passed: false, detail: '403 Forbidden' });
    },
  );
});

test('a failing receiver is told with its last status and body, cut to a length', async (t) => {
  await withReceiver(
    () => ({ status: 500, body: `out of order ${'x'.repeat(5000)}` }),
    async ({ url }) => {
      const { passed, detail } = await call(url);
      t.false(passed);
      t.true(detail.startsWith(`POST ${url} giving up after 1 attempt(s): 500 out of order xxx`), detail);
      t.true(detail.length < 700);
    },
  );
});

test('a failing receiver is named without the user, password and query of its address', async (t) => {
  await withReceiver(
    () => ({ status: 500 }),
    async ({ url, received }) => {
      const { detail } = await call(`${url.replace('//', '//user:secret@')}/gate?token=secret`);
      t.is(detail, `POST ${url}/gate giving up after 1 attempt(s): 500`);
      t.is(received[0]?.path, '/gate?token=secret');
    },
  );
});

test('a failing receiver of events is named by its origin: its path may be a token', async (t) => {
  await withReceiver(
    () => ({ status: 500 }),
    async ({ url }) => {
      const { detail } = await call(`${url}/services/secret`, { hook: { type: 'event' } });
      t.is(detail, `POST ${url} giving up after 1 attempt(s): 500`);
    },
  );
});

for (const status of [404, 500]) {
  test(`an answer of ${status} that quotes its request is told without user, password and query`, async (t) => {
    await withReceiver(
      ({ path, headers }) => ({
        status,
        body: `no ${path} for ${String(headers['authorization'])}, caf%C3%A9-token: café-token`,
      }),
      async ({ url }) => {
        const { detail } = await call(`${url.replace('//', '//robot-1:pa55word@')}/gate?key=caf%C3%A9-token`);
        t.true(detail.endsWith('no /gate?(hidden) for Basic (hidden), (hidden): (hidden)'), detail);
      },
    );
  });
}

test('a receiver of events that quotes its path is told without it', async (t) => {
  await withReceiver(
    ({ path }) => ({ status: 404, body: `Cannot POST ${path}` }),
    async ({ url }) => {
      t.is((await call(`${url}/services/T0/s3cret`, { hook: { type: 'event' } })).detail, 'Cannot POST (hidden)');
      t.is((await call(`${url}/gates/open`)).detail, 'Cannot POST /gates/open');
    },
  );
});

test('no more of a body is waited for than could be told of it', async (t) => {
  await withReceiver(
    () => ({ status: 404, body: `no gate ${'x'.repeat(100_000)}`, isOpen: true }),
    async ({ url }) => {
      const { detail } = await call(url);
      t.is(detail, `no gate ${'x'.repeat(504)}…`);
    },
  );
});

test('what a receiver says is not told where its address has more secrets than can be looked for', async (t) => {
  const query = Array.from({ length: 101 }, (_none, index) => `key${index}=secret-${index}`).join('&');
  await withReceiver(
    ({ path }, number) => ({ status: 404, body: number === 0 ? path : '' }),
    async ({ url }) => {
      t.is((await call(`${url}/?${query}`)).detail, '(not shown: the address has too many parts that may be secret)');
      t.is((await call(`${url}/?${query}`)).detail, '404 Not Found');
    },
  );
});

test('an address that may not be reached is refused and not asked again', async (t) => {
  await withReceiver(
    () => ({}),
    async ({ url, received }) => {
      const strict = createHttpSender({ clock: systemClock, userAgent: 'aviary-test' });
      const { passed, detail } = await call(url, { hook: { retries: 5 }, http: strict });
      t.false(passed);
      t.regex(detail, /giving up after 1 attempt\(s\): .*loopback/);
      t.is(received.length, 0);
    },
  );
});

test('a certificate that nobody trusts is refused unless the hook says otherwise', async (t) => {
  const receiver = await startReceiver({ tls: true });
  const { passed, detail } = await call(receiver.url, { hook: { retries: 5 } });
  t.false(passed);
  t.regex(detail, /giving up after 1 attempt\(s\): /);
  t.is((await call(receiver.url, { hook: { disableTLS: true } })).passed, true);
  await receiver.close();
});

test('redirects are followed, and too many of them are not asked again', async (t) => {
  await withReceiver(
    ({ path }) => (path === '/a' ? { status: 307, headers: { location: '/b' } } : {}),
    async ({ url, received }) => {
      t.true((await call(`${url}/a`)).passed);
      t.deepEqual(
        received.map(({ method, path }) => `${method} ${path}`),
        ['POST /a', 'POST /b'],
      );
    },
  );
  await withReceiver(
    () => ({ status: 307, headers: { location: '/again' } }),
    async ({ url }) => {
      t.regex((await call(url, { hook: { retries: 5 } })).detail, /giving up after 1 attempt\(s\): .*redirects/);
    },
  );
});

test('user and password of the URL are sent and never shown', async (t) => {
  await withReceiver(
    () => ({ status: 500 }),
    async ({ url, received }) => {
      const { detail } = await call(url.replace('//', '//user:secret@'));
      t.is(received[0]?.headers['authorization'], `Basic ${Buffer.from('user:secret').toString('base64')}`);
      t.is(detail, `POST ${url} giving up after 1 attempt(s): 500`);
    },
  );
});
