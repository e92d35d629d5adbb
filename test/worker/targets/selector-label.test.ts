import test from 'ava';
import { defaultSelectorLabels, primaryLabelValue, selectorLabel } from '../../../worker/targets/selector-label.ts';
import { aDeployment } from '../../support/a-deployment.ts';

const selecting = (matchLabels: Record<string, string>) => aDeployment({ spec: { selector: { matchLabels } } });

test('the first of the configured labels in the selector is taken, in the order of the configuration', (t) => {
  const both = selecting({ 'app.kubernetes.io/name': 'c', name: 'b' });
  t.deepEqual(selectorLabel(both, defaultSelectorLabels), { name: 'name', value: 'b' });
  t.deepEqual(selectorLabel(both, ['app.kubernetes.io/name', 'name']), { name: 'app.kubernetes.io/name', value: 'c' });
});

test('a selector with none of them is refused in the words of the reference', (t) => {
  t.like(
    t.throws(() => selectorLabel(selecting({ tier: 'web' }), defaultSelectorLabels)),
    {
      reason: 'invalid',
      message:
        'getSelectorLabel failed: deployment podinfo.test spec.selector.matchLabels must contain one of ' +
        '[app name app.kubernetes.io/name]',
    },
  );
});

test("the primary's value is the target's with a suffix", (t) => {
  t.is(primaryLabelValue({ value: 'podinfo' }), 'podinfo-primary');
});
