/** What the routes of `gatewayapi:v1` do to real requests: Contour and Envoy as they are, two servers behind two Services. */
import test, { type ExecutionContext } from 'ava';
import { waitFor } from '../../sandbox/wait.ts';
import { split } from '../contract/router.contract.ts';
import { openShop, type Reply, type Shop } from '../support/gateway-shop.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';
import { startRealGateway, type RealGateway } from '../support/real-gateway.ts';

let light: LightClient;
let gateway: RealGateway;

test.before('Contour and Envoy serve a Gateway', async (t) => {
  t.timeout(600_000);
  light = await startLightClient();
  gateway = await startRealGateway(light);
});
test.after.always(async () => {
  await gateway?.close();
  await light?.close();
});

async function shop(t: ExecutionContext, name: string, analysis: Record<string, unknown>): Promise<Shop> {
  const opened = await openShop({ light, gateway, name, analysis });
  t.teardown(() => opened.close());
  return opened;
}
const allToCanary = { primary: 0, canary: 100, mirrored: false } as const;

/** As a browser sends it back. */
const held = (setCookie: string | undefined): { readonly cookie: string } => ({
  cookie: `theme=dark; ${setCookie?.split(';')[0] ?? ''}; lang=en`,
});

test.serial('a visitor stays where its first request went, while weights change and after', async (t) => {
  const affinity = { cookieName: 'side', primaryCookieName: 'home', maxAge: 3600, path: '/', secure: true };
  const { ask, ofCanary, route } = await shop(t, 'stays', { interval: '30s', sessionAffinity: affinity });
  const firstFrom = (side: Reply['from']): Promise<Reply> =>
    waitFor({
      what: `an answer of the ${side}`,
      seconds: 30,
      every: 1,
      look: () => ask().then((reply) => (reply.from === side ? reply : undefined)),
    });

  await route(split(0));
  t.deepEqual(await ask(), { from: 'primary', cookies: {} }, 'no cookie before there is a canary');

  const first = await route(split(20));
  const onCanary = await firstFrom('canary');
  const onPrimary = await firstFrom('primary');
  t.deepEqual(onCanary.cookies, { side: `${first.sessionAffinityCookie}; Max-Age=3600; Path=/; Secure` });
  t.deepEqual(onPrimary.cookies, { home: `${first.primarySessionAffinityCookie}; Max-Age=30; Path=/; Secure` });
  t.is(await ofCanary(40, held(onCanary.cookies['side'])), 40, 'the canary keeps its visitor');
  t.is(await ofCanary(40, held(onPrimary.cookies['home'])), 0, 'the primary keeps its own');
  t.deepEqual((await ask(held(onCanary.cookies['side']))).cookies, {}, 'who has a cookie is given none');

  const second = await route(split(50));
  t.is(second.sessionAffinityCookie, first.sessionAffinityCookie);
  t.is(await ofCanary(40, held(onCanary.cookies['side'])), 40, 'more weight: still there');
  const freed = await ofCanary(200, held(onPrimary.cookies['home']));
  t.true(freed > 60 && freed < 140, `a new step is a new draw for the primary's visitors: ${freed} of 200`);
  t.not(await ofCanary(40, { cookie: `q=${first.sessionAffinityCookie}x` }), 40, 'another cookie holds nobody');

  const back = await route(split(0));
  t.is(back.previousSessionAffinityCookie, first.sessionAffinityCookie);
  const returning = await ask(held(onCanary.cookies['side']));
  t.deepEqual(returning, {
    from: 'primary',
    cookies: { side: `${first.sessionAffinityCookie}; Max-Age=-1; Path=/; Secure` },
  });
  t.deepEqual(await ask(), { from: 'primary', cookies: {} });
});

const cohorts = [
  [
    'header',
    { headers: { 'x-cohort': { exact: 'beta' } } },
    [{ 'x-cohort': 'beta' }, '/'],
    [{ 'x-cohort': 'alpha' }, '/'],
  ],
  [
    'cookie',
    { headers: { cookie: { regex: '^(.*?;)?\\s*(canary=always)(;.*)?$' } } },
    [{ cookie: 'a=b; canary=always; c=d' }, '/'],
    [{ cookie: 'a=b; canary=never' }, '/'],
  ],
  ['query', { queryParams: { debug: { exact: '1' } } }, [{}, '/shop?debug=1'], [{}, '/shop?debug=2']],
  [
    'the beginning of a header',
    { headers: { 'x-user': { prefix: 'qa.' } } },
    [{ 'x-user': 'qa.7' }, '/'],
    [{ 'x-user': 'qa7' }, '/'],
  ],
] as const;

for (const [by, match, [headers, path], [otherHeaders, otherPath]] of cohorts) {
  test.serial(`A/B by ${by}: all matching requests go to the canary, all others to the primary`, async (t) => {
    const { ofCanary, route } = await shop(t, `ab-${by.replaceAll(' ', '-')}`, { iterations: 3, match: [match] });
    await route(split(0));
    t.is(await ofCanary(30, headers, path), 0, 'nobody before the run');
    await route(allToCanary);
    t.is(await ofCanary(30, headers, path), 30, 'the cohort');
    t.is(await ofCanary(30, otherHeaders, otherPath), 0, 'another value');
    t.is(await ofCanary(30), 0, 'everybody else');
  });
}

test.serial('Blue/Green with a mirror: the canary gets copies, and the primary answers', async (t) => {
  const { ofCanary, route, canary, primary } = await shop(t, 'mirror', { iterations: 3, mirror: true });
  await route(split(0));
  const before = canary.seen.length;
  await route({ ...split(0), mirrored: true });
  const copied = (): number => canary.seen.filter((path) => path === '/copied').length;
  t.is(await ofCanary(50, {}, '/copied'), 0, 'every answer is of the primary');
  await waitFor({ what: '50 copies', seconds: 30, look: () => (copied() === 50 ? true : undefined) });
  t.is(before, 0);
  t.is(primary.seen.filter((path) => path === '/copied').length, 50);
  await route(allToCanary);
  t.is(await ofCanary(20, {}, '/after'), 20);
  t.is(canary.seen.filter((path) => path === '/after').length, 20, 'no copies beside');
});

test.serial('by weight: requests are shared as the weights say', async (t) => {
  const { ofCanary, route } = await shop(t, 'weights', { stepWeight: 20 });
  await route(split(20));
  const answered = await ofCanary(300);
  t.true(answered > 30 && answered < 95, `20 % of 300: ${answered}`);
});
