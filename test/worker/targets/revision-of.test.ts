import test from 'ava';
import { isOwnHash } from '../../../canary/revision.ts';
import { templateHash, withoutNulls } from '../../../worker/targets/revision-of.ts';

const template = { metadata: { labels: { app: 'podinfo' } }, spec: { containers: [{ name: 'a', image: 'b:1' }] } };

test('a hash is marked as ours and stays what it is for ever', (t) => {
  t.true(isOwnHash(templateHash(template)));
  t.is(templateHash(template), 'v1-c96632b0f3136485');
});

test('the order of keys and the rendering of absent values make no revision', (t) => {
  const rendered = {
    spec: { containers: [{ image: 'b:1', name: 'a', command: null }] },
    metadata: { creationTimestamp: null, labels: { app: 'podinfo' } },
  };
  t.is(templateHash(rendered), templateHash(template));
});

test('any other difference makes a revision', (t) => {
  const others = [
    { ...template, metadata: { labels: { app: 'podinfo', x: 'y' } } },
    { ...template, spec: { containers: [{ name: 'a', image: 'b:2' }] } },
    { ...template, spec: { containers: [...template.spec.containers, { name: 'c', image: 'd:1' }] } },
    { ...template, spec: { ...template.spec, nodeSelector: {} } },
  ];
  const hashes = [template, ...others].map(templateHash);
  t.is(new Set(hashes).size, hashes.length);
});

test('nulls are left out at any depth, items of lists excepted', (t) => {
  t.deepEqual(withoutNulls({ a: null, b: { c: null, d: [null, { e: null }] } }), { b: { d: [null, {}] } });
});
