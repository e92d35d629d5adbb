/** The rules of the judge on logs by hand: alerts, and logs that lack what the users have seen. */
import test from 'ava';
import { rulingsOn } from '../../chaos/judge/judge.ts';
import { aHistory, anAlert, canary, evidence, goodAlerts, goodRun } from './a-history.ts';
import type { Told } from './a-history.ts';
import { found, foundIn } from './flaws.ts';
import type { Flaw } from './flaws.ts';

const flaws: readonly Flaw[] = [
  [
    'an alert that is lost',
    evidence({ alerts: goodAlerts.slice(0, 2) }),
    "alerts arrive once: alerts lost, 'Canary analysis completed successfully': expected 1, got 0",
  ],
  [
    'an alert that is lost by a canary that went later',
    evidence({
      histories: [aHistory([...goodRun.slice(0, 5), { phase: 'Terminating', slot: 6, since: 6 }], 'deleted')],
      alerts: goodAlerts.slice(1, 2),
    }),
    "alerts arrive once: alerts lost, 'initialization completed': expected 1, got 0",
  ],
  [
    'an alert that says what nothing in the run says',
    evidence({ alerts: [...goodAlerts, anAlert('Promotion failed, primary not ready: why')] }),
    "alerts arrive once: an alert that nobody owes: 'Promotion failed, primary not ready: why'",
  ],
  [
    'an alert of nobody',
    evidence({ alerts: [...goodAlerts, { ...anAlert('New revision detected'), canary: 'team-1/nobody' }] }),
    "alerts arrive once: an alert that nobody owes: 'New revision detected'",
  ],
  [
    'an alert that comes twice in quiet times',
    evidence({ alerts: [...goodAlerts, anAlert('New revision detected, progressing canary analysis.')] }),
    "alerts arrive once: alerts doubled, 'New revision detected': expected 1, got 2",
  ],
  [
    'a round that has left no run',
    evidence({ endings: [1, 2].map((round) => ({ canary, round, from: 0, at: 1 })) }),
    'the logs tell of every round: 2 rounds, and Succeeded 1 times',
  ],
  [
    'a round of a canary that is in no log',
    evidence({ endings: [canary, 'team-1/another'].map((one) => ({ canary: one, round: 1, from: 0, at: 1 })) }),
    'the logs tell of every round: a canary that no log knows',
  ],
  [
    'a canary that nobody has played with',
    evidence({ endings: [{ canary: 'team-1/another', round: 1, from: 0, at: 1 }] }),
    'the logs tell of every round: nobody has played its script',
  ],
];

foundIn(test, flaws);

test('what a canary still had to say when it went is not lost', (t) => {
  const [initialized] = goodAlerts;
  const went: readonly Told[] = [
    ...goodRun.slice(0, 3),
    { phase: 'Terminating', slot: 3, since: 3, owes: 'New revision detected, progressing canary analysis.' },
  ];
  const judged = evidence({
    histories: [aHistory(went, 'deleted')],
    alerts: initialized === undefined ? [] : [initialized],
  });
  t.deepEqual(
    found(judged).filter((text) => text.startsWith('alerts')),
    [],
  );
});

test('a rule that is shown nothing does not hold', (t) => {
  const nothing = {
    histories: [],
    routes: [],
    primaryWrites: [],
    statusWrites: [],
    hooks: [],
    alerts: [],
    endings: [],
  };
  const blind = rulingsOn({ ...nothing, faults: [] });
  t.deepEqual(
    blind.map(({ violations }) => violations.map(({ what }) => what)),
    Array.from(blind, () => ['there was nothing to look at']),
  );
  t.deepEqual(
    rulingsOn(evidence()).filter(({ looked }) => looked === 0),
    [],
  );
});
