import test from 'ava';
import { withoutRepeatedVariables } from '../../../worker/targets/repeated-variables.ts';

const podSpec = (...env: (readonly [string, string])[]) => ({
  containers: [{ name: 'podinfo', env: env.map(([name, value]) => ({ name, value })) }],
});

test('a pod spec that sets each variable once stays as it is', (t) => {
  const once = podSpec(['A', '1'], ['B', '$(A)']);
  t.deepEqual(withoutRepeatedVariables(once), once);
  t.deepEqual(withoutRepeatedVariables({ containers: [{ name: 'podinfo' }] }), { containers: [{ name: 'podinfo' }] });
});

test('of a repeated variable the last setting stays, in its place', (t) => {
  const repeated = podSpec(['A', '1'], ['B', 'b'], ['A', '2'], ['C', '$(A)']);
  t.deepEqual(withoutRepeatedVariables(repeated), podSpec(['B', 'b'], ['A', '2'], ['C', '$(A)']));
});

test('variables of init containers are looked at, too', (t) => {
  const { containers } = podSpec(['A', '1'], ['A', '2']);
  t.deepEqual(withoutRepeatedVariables({ initContainers: containers }), {
    initContainers: podSpec(['A', '2']).containers,
  });
});

for (const between of ['B', 'A']) {
  test(`a setting that ${between} refers to before it is replaced is refused`, (t) => {
    const spec = podSpec(['A', '1'], ['B', between === 'B' ? '$(A)/x' : 'b'], ['A', between === 'A' ? '$(A):/y' : '2']);
    t.like(
      t.throws(() => withoutRepeatedVariables(spec)),
      {
        reason: 'invalid',
        message:
          'container podinfo: expected each environment variable once, got A twice with a reference $(A) in between; ' +
          'give the two settings different names',
      },
    );
  });
}
