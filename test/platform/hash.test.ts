import fc from 'fast-check';
import test from 'ava';
import { fnv1a32, sha256Hex, stableJson } from '../../platform/hash.ts';
import { arrayAt, isRecord, numberAt, recordAt, stringAt, valueAt } from '../../platform/json.ts';

test('hashes are those of their published test vectors', (t) => {
  t.is(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.is(fnv1a32(''), 0x811c9dc5);
  t.is(fnv1a32('a'), 0xe40c292c);
  t.is(fnv1a32('foobar'), 0xbf9cf968);
});

test('stable JSON does not depend on the order of keys', (t) => {
  t.is(stableJson({ b: [{ d: 1, c: undefined }], a: null }), '{"a":null,"b":[{"d":1}]}');
  t.is(stableJson(undefined), 'null');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      return stableJson(value) === stableJson(reversed);
    }),
  );
});

test('JSON is read by path, and gives undefined where it is of another kind', (t) => {
  const deployment = { spec: { replicas: 2, containers: [{ name: 'podinfod' }] }, nothing: null };
  t.is(numberAt(deployment, 'spec', 'replicas'), 2);
  t.is(stringAt(deployment, 'spec', 'containers', 0, 'name'), 'podinfod');
  t.is(stringAt(deployment, 'spec', 'replicas'), undefined);
  t.is(numberAt(deployment, 'spec'), undefined);
  t.is(valueAt(deployment, 'nothing', 'deeper'), undefined);
  t.is(valueAt(deployment, 'toString'), undefined, 'what is inherited is not there');
  t.deepEqual(recordAt(deployment, 'spec', 'containers', 0), { name: 'podinfod' });
  t.is(recordAt(deployment, 'spec', 'containers'), undefined);
  t.deepEqual(arrayAt(deployment, 'spec', 'missing'), []);
  t.is(arrayAt(deployment, 'spec', 'containers').length, 1);
  t.deepEqual([isRecord({}), isRecord([]), isRecord(null), isRecord('x')], [true, false, false, false]);
});
