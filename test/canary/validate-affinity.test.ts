import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { validateCanary } from '../../canary/validate.ts';
import { aCanary, aCanaryObject, type CanaryOptions } from '../support/a-canary.ts';

const spec = { provider: 'gatewayapi:v1' };
const gateways = { gatewayRefs: [{ name: 'public' }] };
const refusalsOf = (sessionAffinity: object, { service = {}, analysis = {} }: CanaryOptions = {}): readonly string[] =>
  validateCanary(aCanary({ spec, service: { ...gateways, ...service }, analysis: { sessionAffinity, ...analysis } }), {
    allowedNamespaces: [],
  }).map(({ reason, message }) => `${reason}: ${message}`);

test('cookies of canary and primary with all attributes may run on the Gateway API', (t) => {
  const attributes = { domain: '.shop.test', path: '/cart', httpOnly: true, secure: true, sameSite: 'Strict' };
  t.deepEqual(refusalsOf({ cookieName: '__Host-side.v2', primaryCookieName: 'home_1', ...attributes }), []);
});

const onCookies = (path: string): RegExp =>
  new RegExp(
    `^InvalidSpec: ${path}\\[0\\]\\.headers: expected no match on cookies beside spec.analysis.sessionAffinity`,
  );
const cookie = { headers: { Cookie: { regex: 'a=b' } } };

const refused: readonly (readonly [string, object, RegExp, CanaryOptions?])[] = [
  ['a name with a space', { cookieName: 'a b' }, /sessionAffinity\.cookieName: expected a cookie name .*, got 'a b'$/],
  ['a name with =', { cookieName: 'a', primaryCookieName: 'b=c' }, /primaryCookieName: expected .*, got 'b=c'$/],
  ['an attribute that ends', { cookieName: 'a', path: '/; HttpOnly' }, /sessionAffinity\.path: expected printable/],
  ['a domain with a line break', { cookieName: 'a', domain: 'a\r\nb' }, /sessionAffinity\.domain: expected printable/],
  ['a cohort by cookie', { cookieName: 'a' }, onCookies('spec.analysis.match'), { analysis: { match: [cookie] } }],
  [
    'a service match on cookies',
    { cookieName: 'a' },
    onCookies('spec.service.match'),
    { service: { match: [cookie] } },
  ],
];

for (const [title, sessionAffinity, message, options] of refused) {
  test(`${title} beside session affinity is refused`, (t) => {
    const [first, ...others] = refusalsOf(sessionAffinity, options);
    t.regex(first ?? '', message);
    t.deepEqual(others, []);
  });
}

const warningsOf = (sessionAffinity: object, provider = spec.provider): readonly string[] => {
  const object = aCanaryObject({ spec: { provider }, service: gateways, analysis: { sessionAffinity } });
  const parsed = parseCanary(object, { defaultProvider: 'kuma' });
  return parsed.ok ? parsed.warnings : [];
};

test('a cookie of the canary alone is warned about: its share grows beyond the weight', (t) => {
  t.regex(warningsOf({ cookieName: 'a' })[0] ?? '', /cookieName alone .* grows beyond .*: set primaryCookieName, too$/);
  t.deepEqual(warningsOf({ cookieName: 'a', primaryCookieName: 'b' }), []);
});
