/** What every source of metrics does, whatever it speaks. One line per provider runs it. */
import test from 'ava';
import { MetricError } from '../../worker/metrics/provider.ts';
import type { MetricProvider } from '../../worker/metrics/provider.ts';
import type { Answer, Reply } from '../support/receiver.ts';
import { deadAddress, startReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface MetricProviderCase {
  /** Asks the server at this address. */
  readonly create: (address: string) => MetricProvider;
  /** A query that the provider would accept. */
  readonly query: string;
  readonly replies: {
    /** The query's result is 42.5. */
    readonly value: Reply;
    readonly nothing: Reply;
    readonly notANumber?: Reply;
    readonly infinite?: Reply;
    /** The server finds fault with the query. */
    readonly refusal: Reply;
    /** The answer to the question whether it is online. */
    readonly online: Reply;
  };
}

export function metricProviderContract(name: string, { create, query, replies }: MetricProviderCase): void {
  const ask = async (answer: Answer, use: (provider: MetricProvider) => Promise<unknown>): Promise<unknown> => {
    const server = await startReceiver({ answer });
    try {
      return await use(create(server.url));
    } finally {
      await server.close();
    }
  };
  const unaborted = (): AbortSignal => new AbortController().signal;
  const value = (reply: Reply): Promise<unknown> =>
    ask(
      () => reply,
      (provider) => provider.query(query, unaborted()),
    );
  const failing = (title: string, kind: MetricError['kind'], work: () => Promise<unknown>): void => {
    test(`${name}: ${title}`, async (t) => {
      const error = await t.throwsAsync(work, { instanceOf: MetricError });
      t.is(error?.kind, kind, error?.message);
    });
  };

  test(`${name}: a query gives its value`, async (t) => {
    t.is(await value(replies.value), 42.5);
  });

  failing('an empty result is no value', 'noValues', () => value(replies.nothing));
  const { notANumber, infinite } = replies;
  if (notANumber !== undefined) failing('not a number is no value', 'noValues', () => value(notANumber));
  if (infinite !== undefined) failing('infinity is refused', 'invalid', () => value(infinite));
  failing('a refused query is a mistake in the query', 'invalid', () => value(replies.refusal));
  failing('nonsense is a mistake, not a value', 'invalid', () => value({ body: '<html>' }));

  for (const status of [401, 403, 429, 500, 502, 503]) {
    failing(`status ${status} means that the check could not be made`, 'unavailable', () => value({ status }));
  }
  failing('a server that is down cannot be asked', 'unavailable', async () =>
    create(deadAddress).query(query, unaborted()),
  );

  test(`${name}: a query ends when its step is aborted`, async (t) => {
    const step = new AbortController();
    const server = await startReceiver({ answer: () => 'silence' });
    const asked = t.throwsAsync(() => create(server.url).query(query, step.signal));
    await waitUntil('the query arrives', () => server.received.length === 1);
    step.abort(new Error('the lease is gone'));
    await asked;
    await server.close();
  });

  test(`${name}: a server that answers is online`, async (t) => {
    await t.notThrowsAsync(() =>
      ask(
        () => replies.online,
        (provider) => provider.isOnline(unaborted()),
      ),
    );
  });

  failing('a failing server is not online', 'unavailable', () =>
    ask(
      () => ({ status: 500 }),
      (provider) => provider.isOnline(unaborted()),
    ),
  );
  failing('a server that is down is not online', 'unavailable', async () => create(deadAddress).isOnline(unaborted()));
  failing('a server that answers nonsense is not online', 'unavailable', () =>
    ask(
      () => ({ body: 'hello' }),
      (provider) => provider.isOnline(unaborted()),
    ),
  );
}
