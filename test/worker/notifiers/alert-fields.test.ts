import test from 'ava';
import { alertFields } from '../../../worker/notifiers/alert-fields.ts';
import type { CanaryOptions } from '../../support/a-canary.ts';
import { aCanary } from '../../support/a-canary.ts';

const fields = (options: CanaryOptions, withMetadata = true, cluster = ''): string[] =>
  alertFields(aCanary(options), withMetadata, cluster).map(({ name, value }) => `${name}: ${value}`);

test('an alert of a transition tells target, limits and routing, in this order', (t) => {
  t.deepEqual(fields({}, true, 'east'), [
    'Cluster: east',
    'Target: Deployment/podinfo.test',
    'Failed checks threshold: 5',
    'Progress deadline: 60s',
    'Traffic routing: Weight step: 5 max: 50',
  ]);
});

test('other alerts tell the cluster and nothing else', (t) => {
  t.deepEqual(fields({}, false, 'east'), ['Cluster: east']);
  t.deepEqual(fields({}, false), []);
});

test('the routing is told in the words of its strategy', (t) => {
  const routing = (analysis: Record<string, unknown>): string | undefined => fields({ analysis }).at(-1);
  t.is(routing({ stepWeights: [1, 2, 10] }), 'Traffic routing: Weight steps: 1,2,10 max: 10');
  t.is(routing({ iterations: 10 }), 'Traffic routing: Blue/Green');
  const match = [{ headers: { 'x-cohort': { exact: 'beta' } } }];
  t.is(routing({ iterations: 10, match }), 'Traffic routing: A/B Testing');
});
