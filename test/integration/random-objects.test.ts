/** What the tests hold for the meaning of the definition is what a real API server makes of it. */
import test from 'ava';
import fc from 'fast-check';
import { specSchema } from '../../canary/schema/canary.ts';
import { structural } from '../../manifests/definitions/structural.ts';
import { written } from '../../manifests/definitions/written.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { installAviaryDefinitions } from '../support/aviary-definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';
import { canarySpecs } from '../support/reference-corpus.ts';
import { complaintsOf, mutated, valueOf, type Schema } from '../support/structural-values.ts';

const spec = structural(written(specSchema)) as Schema;

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await light.namespace('test');
  await installAviaryDefinitions(light.user);
});
test.after.always(() => light.close());

/** What the API server says against a spec; nothing is stored. */
async function refusal(value: unknown): Promise<string> {
  const metadata = { name: 'random', namespace: 'test' };
  const object = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata, spec: value };
  try {
    await light.user.create(canaries, object, { dryRun: true });
    return '';
  } catch (error) {
    if (isKubernetesError(error, 'invalid')) return error.message;
    throw error;
  }
}

/** What the rules between fields say, when every field by itself is right. */
const byRule = /GatewayRefs must be|Knative Service|set to knative|: expected |same cookie/;

test('random specs of the definition are taken, or refused by a rule', async (t) => {
  for (const value of fc.sample(valueOf(spec), 60)) {
    const said = await refusal(value);
    t.true(said === '' || byRule.test(said), `${said}\n${JSON.stringify(value)}`);
  }
});

test('a spec with something changed is refused exactly if the tests hold it for wrong', async (t) => {
  const verdicts = { taken: 0, refused: 0 };
  for (const value of fc.sample(mutated(fc.constantFrom(...Object.values(canarySpecs))), 150)) {
    if (value === undefined) continue;
    const complaints = complaintsOf(spec, value);
    const said = await refusal(value);
    verdicts[said === '' ? 'taken' : 'refused'] += 1;
    const isAsExpected = complaints.length > 0 ? said !== '' : said === '' || byRule.test(said);
    t.true(isAsExpected, `${said}\n${complaints.join(', ')}\n${JSON.stringify(value)}`);
  }
  t.true(verdicts.taken > 10 && verdicts.refused > 10, JSON.stringify(verdicts));
});
