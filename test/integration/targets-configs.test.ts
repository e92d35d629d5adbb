import test from 'ava';
import { flaggerId } from '../../canary/identity.ts';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { configMaps, deployments, secrets } from '../../platform/kubernetes/resources.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { aStep } from '../support/a-step.ts';
import { aDeploymentTarget, containerOf, firstId } from '../support/deployment-target.ts';
import type { DeploymentFixture, SetUp } from '../support/deployment-target.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

interface ConfigFixture extends DeploymentFixture {
  readonly edit: DeploymentFixture['edit'];
  readonly config: (fields: JsonRecord, metadata?: JsonRecord) => Promise<unknown>;
  readonly secret: (fields: JsonRecord, metadata?: JsonRecord) => Promise<unknown>;
  readonly copyOf: (kind: 'config' | 'secret') => Promise<JsonRecord>;
}

const env = [
  { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'colors', key: 'color' } } },
  { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'token' } } },
];

/** A Deployment that reads ConfigMap `colors` and Secret `tokens`. */
async function setUp(name: string, options: SetUp = {}): Promise<ConfigFixture> {
  const deployment = options.deployment ?? aDeployment({ container: { env } });
  const fixture = await aDeploymentTarget(light, `configs-${name}`, { ...options, deployment });
  const { namespace } = fixture;
  const { user } = light;
  const put =
    (resource: typeof configMaps, of: string) =>
    (fields: JsonRecord, metadata: JsonRecord = {}) =>
      user.apply(
        resource,
        { apiVersion: 'v1', kind: resource.kind, metadata: { name: of, namespace, ...metadata }, ...fields },
        { fieldManager: 'test', force: true },
      );
  return {
    ...fixture,
    config: put(configMaps, 'colors'),
    secret: put(secrets, 'tokens'),
    copyOf: (kind) =>
      kind === 'config'
        ? user.get(configMaps, { namespace, name: 'colors-primary' })
        : user.get(secrets, { namespace, name: 'tokens-primary' }),
  };
}

async function both(fixture: ConfigFixture): Promise<void> {
  await fixture.config({ data: { color: 'red' } });
  await fixture.secret({ data: { token: 'dGVzdA==' } });
}

const namesIn = (workload: unknown): readonly (string | undefined)[] =>
  arrayAt(containerOf(workload as never), 'env').map(
    (variable) =>
      stringAt(variable, 'valueFrom', 'configMapKeyRef', 'name') ??
      stringAt(variable, 'valueFrom', 'secretKeyRef', 'name'),
  );

test.serial('what a target reads is part of its revision, with the checksums of the reference', async (t) => {
  const fixture = await setUp('named');
  await both(fixture);
  const { revision } = await fixture.target.observe(aStep(fixture.canary));
  t.is(revision.configs?.['configmap/colors'], '241889ca0604e333');
  t.regex(revision.configs?.['secret/tokens'] ?? '', /^[0-9a-f]{16}$/);
  await fixture.config({ data: { color: 'blue' } });
  const { revision: next } = await fixture.target.observe(aStep(fixture.canary));
  t.is(next.template, revision.template);
  t.notDeepEqual(next.configs, revision.configs);
});

test.serial('content is read once, then only when it has changed', async (t) => {
  const fixture = await setUp('cached');
  await both(fixture);
  const { canary, target, requests } = fixture;
  const cost = async (): Promise<number> => {
    const before = requests.length;
    await target.observe(aStep(canary));
    return requests.slice(before).filter((line) => /configmaps|secrets/.test(line)).length;
  };
  t.is(await cost(), 4, 'metadata and content of both');
  t.is(await cost(), 2, 'metadata of both');
  await fixture.config({ data: { color: 'blue' } });
  t.is(await cost(), 3, 'and the content of what has changed');
});

test.serial('a primary reads copies of its own, which belong to the Canary', async (t) => {
  const fixture = await setUp('copied');
  await both(fixture);
  const { canary, target, primary, requests } = fixture;
  const { revision } = await target.observe(aStep(canary));
  const id = flaggerId(canary, revision);
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: id });
  t.deepEqual(namesIn(await primary()), ['colors-primary', 'tokens-primary']);
  t.like(await fixture.copyOf('config'), {
    data: { color: 'red' },
    metadata: { ownerReferences: [{ kind: 'Canary', uid: canary.uid, controller: true }] },
  });
  t.like(await fixture.copyOf('secret'), { data: { token: 'dGVzdA==' }, type: 'Opaque' });
  const before = requests.length;
  await target.ensurePrimary(aStep(canary), { follow: true, flaggerId: id });
  t.deepEqual(writesAmong(requests.slice(before)), []);
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
});

test.serial('a changed config reaches the primary with its promotion and not before', async (t) => {
  const fixture = await setUp('promoted');
  await both(fixture);
  const { canary, target, primary } = fixture;
  const first = (await target.observe(aStep(canary))).revision;
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: flaggerId(canary, first) });
  const template = (await primary())['spec'];
  await fixture.config({ data: { color: 'blue', added: 'yes' } });
  t.false((await target.observe(aStep(canary))).primary?.equalsTarget);
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  t.like(await fixture.copyOf('config'), { data: { color: 'red' } });

  const { revision } = await target.observe(aStep(canary));
  const wanted = { revision, flaggerId: flaggerId(canary, revision) };
  t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
  t.deepEqual((await fixture.copyOf('config'))['data'], { color: 'blue', added: 'yes' });
  t.notDeepEqual((await primary())['spec'], template, 'its pods roll');
  await fixture.config({ data: { color: 'blue' } });
  const { revision: last } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision: last, flaggerId: flaggerId(canary, last) });
  t.deepEqual((await fixture.copyOf('config'))['data'], { color: 'blue' }, 'a key that is gone goes');
});

test.serial('a config that changed after it was analysed is not promoted', async (t) => {
  const fixture = await setUp('moved');
  await both(fixture);
  const { canary, target } = fixture;
  const { revision } = await target.observe(aStep(canary));
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: flaggerId(canary, revision) });
  await fixture.config({ data: { color: 'green' } });
  const answer = await target.promote(aStep(canary), { revision, flaggerId: flaggerId(canary, revision) });
  t.is(answer.kind, 'revisionMoved');
  t.like(await fixture.copyOf('config'), { data: { color: 'red' } });
});

test.serial('what somebody wrote into a copy goes with the next promotion', async (t) => {
  const fixture = await setUp('edited');
  await both(fixture);
  const { canary, target, namespace } = fixture;
  const { revision } = await target.observe(aStep(canary));
  const wanted = { revision, flaggerId: flaggerId(canary, revision) };
  await target.ensurePrimary(aStep(canary), { follow: false, ...wanted });
  const patch = { data: { color: 'pink', more: 'x' } };
  await light.user.mergePatch(configMaps, { namespace, name: 'colors-primary' }, { patch });
  await target.promote(aStep(canary), wanted);
  t.deepEqual((await fixture.copyOf('config'))['data'], { color: 'red' });
});

test.serial('binary data and immutability are copied, and an immutable copy makes way for its successor', async (t) => {
  const fixture = await setUp('immutable');
  await both(fixture);
  const { canary, target, namespace } = fixture;
  const config = { data: { color: 'red' }, binaryData: { logo: 'AAE=' }, immutable: true };
  await fixture.config(config);
  const first = (await target.observe(aStep(canary))).revision;
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: flaggerId(canary, first) });
  t.like(await fixture.copyOf('config'), config);
  await light.user.delete(configMaps, { namespace, name: 'colors' });
  await fixture.config({ ...config, data: { color: 'blue' } });
  const { revision } = await target.observe(aStep(canary));
  const wanted = { revision, flaggerId: flaggerId(canary, revision) };
  t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
  t.like(await fixture.copyOf('config'), { data: { color: 'blue' }, immutable: true });
});

test.serial('a config that opts out, and a Secret of another type, are shared', async (t) => {
  const fixture = await setUp('shared');
  await fixture.config({ data: { color: 'red' } }, { annotations: { 'flagger.app/config-tracking': 'disabled' } });
  await fixture.secret({
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from('{}').toString('base64'), token: 'dGVzdA==' },
  });
  const { canary, target, primary } = fixture;
  const { revision } = await target.observe(aStep(canary));
  t.deepEqual(revision.configs, {});
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: flaggerId(canary, revision) });
  t.deepEqual(namesIn(await primary()), ['colors', 'tokens']);
});

test.serial('a missing config stops the step by its name; an optional one is passed over', async (t) => {
  const missing = await setUp('missing');
  await missing.secret({ data: { token: 'dGVzdA==' } });
  await t.throwsAsync(missing.target.observe(aStep(missing.canary)), {
    message: /^configmap colors\.target-configs-missing get query error: /,
  });
  const optional = await setUp('optional', {
    deployment: aDeployment({ container: { envFrom: [{ configMapRef: { name: 'colors', optional: true } }] } }),
  });
  t.deepEqual((await optional.target.observe(aStep(optional.canary))).revision.configs, {});
});

test.serial('without tracking nothing is read, copied or renamed', async (t) => {
  const fixture = await setUp('untracked', { trackConfigs: false });
  await both(fixture);
  const { canary, target, primary, requests } = fixture;
  const before = requests.length;
  const { revision } = await target.observe(aStep(canary));
  t.is(revision.configs, undefined);
  const wanted = { revision, flaggerId: flaggerId(canary, revision) };
  await target.ensurePrimary(aStep(canary), { follow: false, ...wanted });
  t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
  t.deepEqual(namesIn(await primary()), ['colors', 'tokens']);
  t.deepEqual(
    requests.slice(before).filter((line) => /configmaps|secrets/.test(line)),
    [],
  );
});

test.serial('Canaries that read one config share its copy', async (t) => {
  const fixture = await setUp('together');
  await both(fixture);
  const { namespace, canary, target } = fixture;
  const { revision } = await target.observe(aStep(canary));
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: flaggerId(canary, revision) });
  const other = aDeployment({ name: 'other', namespace, container: { env } });
  await light.user.create(deployments, other);
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' };
  const second = { ...fixture.canaryWith({ targetRef }), name: 'other', uid: '11111111-2222-4333-8444-555555555555' };
  await target.ensurePrimary(aStep(second), { follow: false, flaggerId: firstId });
  const owners = arrayAt(await fixture.copyOf('config'), 'metadata', 'ownerReferences');
  t.deepEqual(
    owners.map((owner) => [stringAt(owner, 'name'), (owner as JsonRecord)['controller']]),
    [
      ['other', true],
      ['podinfo', false],
    ],
  );
});
