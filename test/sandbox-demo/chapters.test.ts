import test from 'ava';
import { chaptersOf, goodRelease, inOrder, slowRelease, weightsOf } from '../../sandbox/demo/chapters.ts';
import type { Chapter, Findings } from '../../sandbox/demo/chapters.ts';
import { hasComeTrue, judge, verdictLines } from '../../sandbox/demo/judge.ts';

const chapters = chaptersOf([25, 50]);
const chapterNamed = (title: string): Chapter => {
  const found = chapters.find((chapter) => chapter.title === title);
  if (found === undefined) throw new Error(`expected a chapter '${title}', found none`);
  return found;
};
const first = chapterNamed('A Deployment becomes a Canary');
const promotion = chapterNamed('A good release is promoted');
const rollback = chapterNamed('A slow release is rolled back');

const nothing: Findings = {
  phase: '',
  weight: 0,
  failedChecks: 0,
  events: [],
  messages: [],
  requests: 0,
  failedRequests: 0,
  failures: [],
  answersByRelease: {},
};

const promoted: Findings = {
  ...nothing,
  phase: 'Succeeded',
  events: [
    'New revision detected! Scaling up podinfo.test',
    'Advance podinfo.test canary weight 25',
    'Advance podinfo.test canary weight 50',
    'Copying podinfo.test template spec to podinfo-primary.test',
    'Routing all traffic to primary',
    'Promotion completed! Scaling down podinfo.test',
  ],
  messages: [
    'New revision detected, progressing canary analysis.',
    'Canary analysis completed successfully, promotion finished.',
  ],
  requests: 100,
  answersByRelease: { '6.9.2': 60, '6.9.2-next': 40 },
};

const rolledBack: Findings = {
  ...nothing,
  phase: 'Failed',
  failedChecks: 5,
  events: [
    'Halt podinfo.test advancement request duration 887ms > 500ms',
    'Rolling back podinfo.test failed checks threshold reached 5',
    'Canary failed! Scaling down podinfo.test',
  ],
  messages: ['Failed checks threshold reached 5'],
  requests: 100,
};

const everybody = ['visitors', 'receiver'] as const;
const broken = (chapter: Chapter, found: Findings): readonly string[] =>
  judge(chapter, found, everybody)
    .filter(({ ok }) => !ok)
    .map(({ says }) => says);

test('texts are in order when each follows the one before', (t) => {
  const events = ['a', 'b', 'a', 'c'];
  t.true(inOrder(events, [/a/, /b/, /c/]));
  t.true(inOrder(events, [/b/, /a/]));
  t.true(inOrder(events, []));
});

test('texts are out of order when one is missing, comes too early, or is asked for twice', (t) => {
  t.false(inOrder(['a', 'b'], [/b/, /a/]));
  t.false(inOrder(['a', 'b'], [/a/, /c/]));
  t.false(inOrder(['a', 'b'], [/a/, /a/]));
});

test('the weights of the example are equal steps up to the maximum', (t) => {
  t.deepEqual(weightsOf(10, 50), [10, 20, 30, 40, 50]);
  t.is(weightsOf(5, 50).length, 10);
});

test('the chapters begin a Canary, release a good image and then a slow one', (t) => {
  t.deepEqual(
    chapters.map(({ release, until }) => [release, until]),
    [
      [undefined, 'Initialized'],
      [goodRelease, 'Succeeded'],
      [slowRelease, 'Failed'],
    ],
  );
});

test('a promotion and a roll-back as they should be come true', (t) => {
  t.deepEqual(broken(promotion, promoted), []);
  t.deepEqual(broken(rollback, rolledBack), []);
  const begun = {
    ...nothing,
    events: ['Initialization done! podinfo.test'],
    messages: ['New Deployment detected, initialization completed.'],
  };
  t.deepEqual(broken(first, begun), []);
});

/** What is taken away or added, and the one sentence that must not come true then. */
const promotionGoneWrong: readonly (readonly [string, Partial<Findings>, RegExp])[] = [
  ['a weight was left out', { events: promoted.events.filter((text) => !text.endsWith('50')) }, /moved in steps/],
  ['the primary was copied before the last weight', { events: promoted.events.toReversed() }, /moved in steps/],
  ['one request failed', { failedRequests: 1 }, /no request of the visitors failed/],
  ['nobody came', { requests: 0 }, /no request of the visitors failed/],
  ['only the old release answered', { answersByRelease: { '6.9.2': 100 } }, /met both releases/],
  ['one message was lost', { messages: promoted.messages.slice(0, 1) }, /promotion finished/],
];

for (const [what, change, says] of promotionGoneWrong) {
  test(`a promotion has not come true when ${what}`, (t) => {
    const wrong = broken(promotion, { ...promoted, ...change });
    t.is(wrong.length, 1, wrong.join('; '));
    t.regex(wrong[0] ?? '', says);
  });
}

const rollbackGoneWrong: readonly (readonly [string, Partial<Findings>, RegExp])[] = [
  ['no halt names the duration', { events: rolledBack.events.slice(1) }, /halts name/],
  ['another threshold was reached', { events: rolledBack.events.map((text) => text.replace('5', '4')) }, /five failed/],
  ['traffic stays on the canary', { weight: 10 }, /on the primary again/],
  ['nobody was told', { messages: [] }, /threshold reached 5/],
];

for (const [what, change, says] of rollbackGoneWrong) {
  test(`a roll-back has not come true when ${what}`, (t) => {
    t.regex(broken(rollback, { ...rolledBack, ...change }).join('; '), says);
  });
}

test('what only visitors or a receiver can show is not claimed without them', (t) => {
  const claims = (witnesses: readonly ('visitors' | 'receiver')[]): number =>
    judge(promotion, promoted, witnesses).length;
  t.is(claims([]), 1);
  t.is(claims(['visitors']), 3);
  t.is(claims(['receiver']), 3);
  t.is(claims(everybody), 5);
});

test('a chapter without anything to claim has not come true', (t) => {
  t.false(hasComeTrue([]));
});

test('a verdict that fails shows the last failed requests', (t) => {
  const found = { ...promoted, failedRequests: 6, failures: ['1', '2', '3', '4', '5', '6'] };
  const lines = verdictLines(judge(promotion, found, everybody), found);
  t.deepEqual(
    lines.slice(-5),
    ['2', '3', '4', '5', '6'].map((number) => `    a failed request: ${number}`),
  );
  t.false(verdictLines(judge(promotion, promoted, everybody), found).some((line) => line.includes('a failed request')));
});
