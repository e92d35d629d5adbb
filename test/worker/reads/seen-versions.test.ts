import test from 'ava';
import { createSeenLog } from '../../../worker/reads/seen-versions.ts';

test('a step begins where the last one has come to, or what woke it, whichever is newer', (t) => {
  const seen = createSeenLog('canaries.flagger.app=9 deployments.apps=5', 'deployments.apps=8');
  const { notBefore } = seen;
  t.is(notBefore.get('canaries.flagger.app'), 9);
  t.is(notBefore.get('deployments.apps'), 8);
  t.is(notBefore.get('services'), undefined);
  t.is(createSeenLog('deployments.apps=9', 'deployments.apps=8').notBefore.get('deployments.apps'), 9);
  t.is(seen.text(), 'canaries.flagger.app=9 deployments.apps=8');
});

test('what woke a step tells nothing of the last one, and a text of another form nothing at all', (t) => {
  t.true(createSeenLog(undefined, 'deployments.apps=8').isUnsure);
  t.is(createSeenLog(undefined, 'deployments.apps=newest').notBefore.get('deployments.apps'), undefined);
  t.false(createSeenLog('deployments.apps=8').isUnsure);
});

test('a step that trusts no cache says so of every kind', (t) => {
  const seen = createSeenLog(undefined);
  seen.distrust();
  t.is(seen.notBefore.get('services'), Infinity);
  t.false(seen.isUnsure);
  t.is(seen.text(), '', 'and leaves nothing that it has not seen');
});
