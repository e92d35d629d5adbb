/** Rules between fields, on a real API server: what is refused, what is taken beside it, and what was stored before the rules. */
import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { validateCanary } from '../../canary/validate.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import { canaries } from '../../platform/resources.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { admissionCases } from '../support/admission-cases.ts';
import { complaint, installAviaryDefinitions, stored } from '../support/aviary-definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await light.namespace('test');
  await installAviaryDefinitions(light.user);
});
test.after.always(() => light.close());

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
