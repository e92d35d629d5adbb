import test from 'ava';
import { parseLeaving } from '../../canary/parse-leaving.ts';
import { aCanaryObject } from '../support/a-canary.ts';

const options = { defaultProvider: 'kuma' } as const;

const mistakes: Record<string, object> = {
  'in the analysis': { analysis: { maxWeight: 150 } },
  'in a match': { service: { match: 'all' } },
  'in a duration': { service: { timeout: 7 } },
  'in a port': { service: { port: 0.5 } },
  'in the deadline': { spec: { progressDeadlineSeconds: -5 } },
  'in the suspension': { spec: { suspend: 'yes' } },
};

for (const [where, mistake] of Object.entries(mistakes)) {
  test(`a mistake ${where} keeps nobody from knowing what to give back`, (t) => {
    const parsed = parseLeaving(
      aCanaryObject({ ...mistake, service: { name: 'shop', ...serviceOf(mistake) } }),
      options,
    );
    t.like(parsed, {
      ok: true,
      canary: {
        spec: { provider: 'kuma', target: { kind: 'Deployment', name: 'podinfo' }, service: { name: 'shop' } },
      },
    });
  });
}

const serviceOf = (mistake: object): object => ('service' in mistake ? (mistake.service as object) : {});

test('a Canary without mistakes is read as a whole', (t) => {
  const parsed = parseLeaving(aCanaryObject({ spec: { revertOnDeletion: true } }), options);
  t.like(parsed, { ok: true, canary: { spec: { revertOnDeletion: true, analysis: { intervalMs: 30_000 } } } });
});

test('without a target there is nothing to give back to', (t) => {
  const parsed = parseLeaving(aCanaryObject({ spec: { targetRef: { kind: 'StatefulSet' } } }), options);
  t.false(parsed.ok);
});
