import test from 'ava';
import { copiedAnnotations, withPrefixes, withoutToolkit } from '../../../worker/objects/copied-metadata.ts';

const users = {
  'app.kubernetes.io/team': 'birds',
  'kustomize.toolkit.fluxcd.io/name': 'apps',
  'deployment.kubernetes.io/revision': '3',
  'kubectl.kubernetes.io/last-applied-configuration': '{}',
  note: 'x',
};

test('the marks of Flux are never copied', (t) => {
  t.false('kustomize.toolkit.fluxcd.io/name' in withoutToolkit(users));
  t.is(Object.keys(withoutToolkit(users)).length, 4);
});

test('notes that tools keep about the very object are not copied as annotations', (t) => {
  t.deepEqual(copiedAnnotations(users), { 'app.kubernetes.io/team': 'birds', note: 'x' });
});

const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['no prefix copies nothing', [], []],
  ['a prefix copies the keys that begin with it', ['app.kubernetes.io/'], ['app.kubernetes.io/team']],
  ['several prefixes add up', ['app.', 'no'], ['app.kubernetes.io/team', 'note']],
  ['a star copies everything but marks and notes', ['*'], ['app.kubernetes.io/team', 'note']],
  ['an empty prefix, as an empty setting gives, copies nothing', [''], []],
];

for (const [title, prefixes, keys] of rows) {
  test(title, (t) => {
    t.deepEqual(Object.keys(withPrefixes(users, prefixes)), keys);
  });
}
