import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { HttpError, type HttpSender, type HttpSenderOptions, createHttpSender } from '../../../platform/http/http.ts';
import type { Resolve } from '../../../platform/http/address.ts';
import { type LocalHttpServer, type LocalHttpServerOptions, startHttpServer } from '../../support/local-http-server.ts';

/** A sender that may reach loopback unless told otherwise; closed when the test ends. */
export function aSender(t: ExecutionContext, options: Partial<HttpSenderOptions> = {}): HttpSender {
  const sender = createHttpSender({
    clock: systemClock,
    userAgent: 'aviary-test/1',
    addresses: { allowLoopback: true },
    ...options,
  });
  t.teardown(() => sender.close());
  return sender;
}

/** A server that is closed when the test ends. */
export async function aServer(t: ExecutionContext, options?: LocalHttpServerOptions): Promise<LocalHttpServer> {
  const server = await startHttpServer(options);
  t.teardown(() => server.close());
  return server;
}

/** The error of a request that must fail. */
export const failureOf = (t: ExecutionContext, sending: Promise<unknown>): Promise<HttpError> =>
  t.throwsAsync(sending, { instanceOf: HttpError });

/** A resolver that knows only these names; counts how often each was asked. */
export function resolverOf(names: Record<string, readonly string[]>): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    asked.push(hostname);
    const addresses = names[hostname] ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    callback(found.length > 0 ? null : Object.assign(new Error(`ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), found);
  };
  return { resolve, asked };
}
