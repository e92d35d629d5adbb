/** A Canary behind the real gateway, and visitors of it. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { cookiesAt, withCookies } from '../../canary/affinity.ts';
import type { CanaryStatus, Weights } from '../../canary/canary.ts';
import { gatewayName, gatewayNamespace } from '../../sandbox/gateway/gateway.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createRouters } from '../../worker/routers/registry.ts';
import { aCanary } from './a-canary.ts';
import { aStep } from './a-step.ts';
import type { LightClient } from './light-client.ts';
import { startBackend, type Backend, type RealGateway } from './real-gateway.ts';

type Headers = Readonly<Record<string, string>>;

export interface Reply {
  readonly from: 'primary' | 'canary' | 'nobody';
  /** Set-Cookie headers by the name of the cookie. */
  readonly cookies: Readonly<Record<string, string>>;
}

export interface Shop {
  readonly ask: (headers?: Headers, path?: string) => Promise<Reply>;
  /** How many of so many requests the canary answered. */
  readonly ofCanary: (requests: number, headers?: Headers, path?: string) => Promise<number>;
  /** Writes the route as a step of the rules does, and waits until Envoy answers by it. */
  readonly route: (weights: Weights) => Promise<CanaryStatus>;
  readonly primary: Backend;
  readonly canary: Backend;
  close(): Promise<void>;
}

export interface ShopOptions {
  readonly light: LightClient;
  readonly gateway: RealGateway;
  readonly name: string;
  readonly analysis: Record<string, unknown>;
}

/** Every response carries the number of the route that it went by. */
const routeNumber = 'x-route-number';

export async function openShop({ light, gateway, name, analysis }: ShopOptions): Promise<Shop> {
  const namespace = await light.namespace(name);
  const host = `${name}.test`;
  const primary = await startBackend(light.user, namespace, 'podinfo-primary');
  const canary = await startBackend(light.user, namespace, 'podinfo-canary');
  const router = createRouters(light.client)('gatewayapi:v1');
  const call = (headers: Headers = {}, path = '/'): Promise<Answer> =>
    get(new URL(path, gateway.url), { ...headers, host });
  const ask: Shop['ask'] = async (headers, path) => toReply(await call(headers, path));
  let routes = 0;
  let status: Partial<CanaryStatus> = { phase: 'Progressing' };
  return {
    primary,
    canary,
    ask,
    ofCanary: async (requests, headers, path) => {
      let answered = 0;
      for (let asked = 0; asked < requests; asked += 1) {
        if ((await ask(headers, path)).from === 'canary') answered += 1;
      }
      return answered;
    },
    route: async (weights) => {
      routes += 1;
      const wanted = String(routes);
      const subject = aCanary({
        namespace,
        status,
        spec: { provider: 'gatewayapi:v1' },
        service: {
          hosts: [host],
          gatewayRefs: [{ name: gatewayName, namespace: gatewayNamespace }],
          headers: { response: { set: { [routeNumber]: wanted } } },
        },
        analysis,
      });
      const cookies = cookiesAt(subject, subject.status, weights);
      await untilWritten(() => router.ensure(aStep(subject), { ...weights, ...(cookies && { cookies }) }));
      const saved = withCookies({ ...subject.status, canaryWeight: weights.canary }, cookies);
      status = saved;
      await waitFor({
        what: `route ${wanted} of ${host}`,
        seconds: 60,
        look: async () => ((await call().catch(() => undefined))?.headers[routeNumber] === wanted ? true : undefined),
      });
      return saved;
    },
    close: async () => {
      await Promise.all([primary.close(), canary.close()]);
    },
  };
}

/** A step that comes before the gateway has reported the route before it is told so, and tried again. */
const untilWritten = (write: () => Promise<unknown>): Promise<true> =>
  waitFor({
    what: 'a route that the gateway has taken up',
    seconds: 60,
    look: () =>
      write().then(
        () => true as const,
        (error: unknown) => {
          if (String(error).includes('is not ready')) return undefined;
          throw error;
        },
      ),
  });

interface Answer {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function get(url: URL, headers: Headers): Promise<Answer> {
  const call = request(url, { headers, agent: false });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return { headers: response.headers, body: await text(response) };
}

function toReply({ headers, body }: Answer): Reply {
  const cookies = (headers['set-cookie'] ?? []).map((cookie) => [cookie.split('=', 1)[0] ?? '', cookie] as const);
  const from = body === 'podinfo-primary' ? 'primary' : body === 'podinfo-canary' ? 'canary' : 'nobody';
  return { from, cookies: Object.fromEntries(cookies) };
}
