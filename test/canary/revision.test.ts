import test from 'ava';
import {
  decideOn,
  decidedRevision,
  isDecided,
  isNewRevision,
  isOwnHash,
  isPromotedRevision,
  sameConfigs,
} from '../../canary/revision.ts';
import { inPhase } from './situations.ts';

const configs = { 'configmap/a': '1', 'secret/b': '2' };

test('a hash is ours by its prefix', (t) => {
  t.true(isOwnHash('v1-4cb74184589'));
  t.false(isOwnHash('4cb74184589'));
  t.false(isOwnHash('v2-4cb74184589'));
  t.false(isOwnHash(undefined));
});

const comparisons: readonly (readonly [string, object | undefined, object | undefined, boolean])[] = [
  ['none before and none now', undefined, {}, true],
  ['an empty list before and none now', {}, {}, true],
  ['the same', configs, { ...configs }, true],
  ['one more', configs, { ...configs, 'secret/c': '3' }, false],
  ['one less', configs, { 'configmap/a': '1' }, false],
  ['another checksum', configs, { ...configs, 'secret/b': '3' }, false],
  ['another name', configs, { 'configmap/a': '1', 'secret/c': '2' }, false],
  ['some now and none before', undefined, configs, false],
  ['not tracked any more', configs, undefined, true],
];

for (const [title, known, now, expected] of comparisons) {
  test(`configs compared: ${title}`, (t) => {
    t.is(sameConfigs(known as typeof configs | undefined, now as typeof configs | undefined), expected);
  });
}

test('a decision names template and configs, and drops configs that are not tracked', (t) => {
  const { status } = inPhase('Succeeded', { configs });
  const tracked = decideOn(status, { template: 'v1-two', configs: {} });
  t.is(tracked.lastAppliedSpec, 'v1-two');
  t.deepEqual(tracked.trackedConfigs, {});
  t.false('trackedConfigs' in decideOn(status, { template: 'v1-two' }));
  t.is(tracked.lastPromotedSpec, 'v1-one');
});

test('what was decided can be read back', (t) => {
  const revision = { template: 'v1-two', configs };
  const status = decideOn(inPhase('Succeeded').status, revision);
  t.deepEqual(decidedRevision(status), revision);
  t.true(isDecided(status, revision));
  t.false(isDecided(status, { template: 'v1-one', configs }));
  t.false(isDecided(status, { template: 'v1-two', configs: {} }));
});

test('a revision is new when it differs from the decided and from the promoted one', (t) => {
  const { status } = inPhase('Failed');
  t.false(isNewRevision(status, { template: 'v1-one' }), 'promoted');
  t.false(isNewRevision(status, { template: 'v1-two' }), 'decided');
  t.true(isNewRevision(status, { template: 'v1-three' }));
  t.true(isNewRevision(status, { template: 'v1-one', configs }), 'with other configs');
});

test('everything is new to a status that names nothing', (t) => {
  t.true(isNewRevision(inPhase('Succeeded', { applied: null }).status, { template: 'v1-one' }));
  t.true(isNewRevision(inPhase('Succeeded', { applied: '' }).status, { template: 'v1-one' }));
});

test('the promoted revision is known by its template, and by its configs as long as nothing else was decided', (t) => {
  for (const phase of ['Initialized', 'Succeeded'] as const) {
    const { status } = inPhase(phase, { configs });
    t.true(isPromotedRevision(status, { template: 'v1-one', configs }), phase);
    t.false(isPromotedRevision(status, { template: 'v1-one', configs: {} }), phase);
    t.false(isPromotedRevision(status, { template: 'v1-two', configs }), phase);
  }
  t.true(isPromotedRevision(inPhase('Failed').status, { template: 'v1-one' }), 'another template has failed');
  const { status } = inPhase('Failed', { applied: 'v1-one', configs });
  t.false(isPromotedRevision(status, { template: 'v1-one', configs }), 'other configs have failed');
});

test('a hash of another controller is the promoted one while nothing has happened since', (t) => {
  const foreign = { isForeign: true, applied: '5f56684589', promoted: '5f56684589' } as const;
  for (const phase of ['Initialized', 'Succeeded', 'Progressing', 'Failed'] as const) {
    const isKnown = phase === 'Initialized' || phase === 'Succeeded';
    t.is(isPromotedRevision(inPhase(phase, foreign).status, { template: 'v1-one' }), isKnown, phase);
  }
});
