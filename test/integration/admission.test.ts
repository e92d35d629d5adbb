/** Rules between fields, on a real API server: what is refused, what is taken beside it, and what was stored before the rules. */
import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { validateCanary } from '../../canary/validate.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, metricTemplates } from '../../platform/kubernetes/resources.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { admissionCases, type AdmissionCase } from '../support/admission-cases.ts';
import { aviaryDefinition, complaint, installAviaryDefinitions, stored } from '../support/aviary-definitions.ts';
import { install } from '../support/definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await light.namespace('test');
  await light.namespace('before');
  await install(light.user, withoutRules(await aviaryDefinition('canary')));
  for (const [index, { refused }] of admissionCases.entries()) await storeBefore(`case-${index}`, refused);
  await storeBefore('same-cookies', { analysis: { sessionAffinity: { cookieName: 'a', primaryCookieName: 'a' } } });
  await installAviaryDefinitions(light.user);
});
test.after.always(() => light.close());

/** The definition as the reference's is: forms of fields, and nothing between them. */
const withoutRules = (definition: KubernetesObject): KubernetesObject =>
  JSON.parse(
    JSON.stringify(definition, (key, value: unknown) => (key === 'x-kubernetes-validations' ? undefined : value)),
  ) as KubernetesObject;

const storeBefore = (name: string, options: AdmissionCase['refused']): Promise<KubernetesObject> => {
  const { metadata: _, ...object } = aCanaryObject({ name, ...options });
  const metadata = { name, namespace: 'before', finalizers: ['finalizer.flagger.app'] };
  return light.user.create(canaries, { ...object, metadata });
};

const complaintsAtTheStep = (object: KubernetesObject): readonly string[] => {
  const parsed = parseCanary(object, { defaultProvider: 'gatewayapi:v1' });
  const problems = parsed.ok ? validateCanary(parsed.canary, { allowedNamespaces: [] }) : parsed.problems;
  return problems.map(({ message }) => message);
};

for (const [index, { what, refused, answer, taken }] of admissionCases.entries()) {
  test(`a Canary with ${what} is refused, and its neighbours are taken`, async (t) => {
    const object = aCanaryObject({ name: `refused-${index}`, ...refused });
    const said = complaint(await stored(light.user, canaries, object));
    t.true(said.includes(answer), said);
    t.not(complaintsAtTheStep(object).length, 0, 'a step refuses what was stored before the rule');
    for (const [neighbour, options] of taken.entries()) {
      const kept = await stored(
        light.user,
        canaries,
        aCanaryObject({ name: `taken-${index}-${neighbour}`, ...options }),
      );
      t.is(typeof kept, 'object', complaint(kept));
    }
  });
}

for (const [index, { what }] of admissionCases.entries()) {
  test(`a Canary with ${what}, stored before the rule, keeps its status writable and can be deleted`, async (t) => {
    const name = { namespace: 'before', name: `case-${index}` };
    const object = await light.user.get(canaries, name);
    const status = { phase: 'Initialized', failedChecks: 0, canaryWeight: 0, iterations: 0 };
    const written = await light.user.replaceStatus(canaries, { ...object, status });
    t.like(written['status'], status);
    const labelled = await light.user.mergePatch(canaries, name, { patch: { metadata: { labels: { a: 'b' } } } });
    t.is(labelled.metadata.labels?.['a'], 'b');
    await light.user.delete(canaries, name);
    await light.user.mergePatch(canaries, name, { patch: { metadata: { finalizers: null } } });
    await t.throwsAsync(light.user.get(canaries, name), { message: /not found/i });
  });
}

test('what was stored before a rule about one field may change beside it, but not into another mistake', async (t) => {
  const name = { namespace: 'before', name: 'same-cookies' };
  const object = await light.user.get(canaries, name);
  t.like(object['spec'], { analysis: { sessionAffinity: { cookieName: 'a', primaryCookieName: 'a' } } });
  const change = (patch: object) => light.user.mergePatch(canaries, name, { patch: { spec: patch } });
  const changed = await change({ suspend: true, analysis: { threshold: 7 } });
  t.like(changed['spec'], { suspend: true, analysis: { threshold: 7 } });
  const cookies = (primaryCookieName: string) =>
    change({ analysis: { sessionAffinity: { cookieName: 'b', primaryCookieName } } });
  await t.throwsAsync(cookies('b'), { message: /can't use the same cookie name/ });
  await t.notThrowsAsync(cookies('c'));
});

const template = (provider: object): KubernetesObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'MetricTemplate',
  metadata: {
    name: `template-${Object.values(provider)
      .join('-')
      .replaceAll(/[^a-z0-9]/g, '')}`,
  },
  spec: { provider, query: 'up' },
});

for (const [type, field, value] of [
  ['prometheus', 'address', 'http://prometheus.test'],
  ['influxdb', 'address', 'http://influxdb.test'],
  ['graphite', 'address', 'http://graphite.test'],
  ['dynatrace', 'address', 'http://dynatrace.test'],
  ['splunk', 'address', 'http://splunk.test'],
  ['cloudwatch', 'region', 'eu-west-1'],
] as const) {
  test(`a MetricTemplate for ${type} needs its ${field}`, async (t) => {
    const answer = new RegExp(
      `spec.provider.${field}: Required value: spec.provider.${field}: expected a text, because a provider of type ${type} needs it`,
    );
    t.regex(complaint(await stored(light.user, metricTemplates, template({ type }))), answer);
    t.regex(complaint(await stored(light.user, metricTemplates, template({ type, [field]: '' }))), answer);
    t.like(await stored(light.user, metricTemplates, template({ type, [field]: value })), { kind: 'MetricTemplate' });
  });
}
