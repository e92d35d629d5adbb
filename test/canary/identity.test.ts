import test from 'ava';
import { announcementId, flaggerId, idempotencyKey, runId } from '../../canary/identity.ts';
import { inPhase } from './situations.ts';

const canary = inPhase('Progressing');
const other = { ...canary, uid: 'another' };
const revision = { template: 'v1-two', configs: { 'secret/a': '1', 'configmap/b': '2' } };
const sorted = { template: 'v1-two', configs: { 'configmap/b': '2', 'secret/a': '1' } };

test('the annotation that rolls the primary has the form of a UUID', (t) => {
  t.regex(flaggerId(canary, revision), /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
});

test('it is the same for the same Canary and revision, whatever the order of the configs', (t) => {
  const later = { ...canary, resourceVersion: '2' };
  t.is(flaggerId(canary, revision), flaggerId(later, sorted));
});

test('it differs by Canary, template and configs', (t) => {
  const ids = [
    flaggerId(canary, revision),
    flaggerId(other, revision),
    flaggerId(canary, { ...revision, template: 'v1-three' }),
    flaggerId(canary, { ...revision, configs: { 'secret/a': '3' } }),
    flaggerId(canary, { template: 'v1-two' }),
  ];
  t.is(new Set(ids).size, ids.length);
});

test('a run is named by Canary, revision and the slot in which it was accepted', (t) => {
  t.is(runId(canary, revision, 7), runId(canary, sorted, 7));
  const ids = [
    runId(canary, revision, 7),
    runId(canary, revision, 8),
    runId(other, revision, 7),
    runId(canary, { template: 'v1-two' }, 7),
  ];
  t.is(new Set(ids).size, ids.length);
  t.regex(ids[0] ?? '', /^[\da-f]{12}$/);
});

test('an announcement is named by Canary, slot and text', (t) => {
  t.is(announcementId(canary, 7, 'event a'), announcementId(canary, 7, 'event a'));
  const ids = [
    announcementId(canary, 7, 'event a'),
    announcementId(canary, 8, 'event a'),
    announcementId(canary, 7, 'alert a'),
    announcementId(other, 7, 'event a'),
  ];
  t.is(new Set(ids).size, ids.length);
});

test('a question to a hook is named by Canary, run, slot and hook', (t) => {
  const question = { canary, run: 'one', slot: 7, hook: 'rollout/load-test' };
  t.is(idempotencyKey(question), idempotencyKey({ ...question }));
  const keys = [
    idempotencyKey(question),
    idempotencyKey({ ...question, canary: other }),
    idempotencyKey({ ...question, run: 'two' }),
    idempotencyKey({ ...question, slot: 8 }),
    idempotencyKey({ ...question, hook: 'rollout/other' }),
  ];
  t.is(new Set(keys).size, keys.length);
});
