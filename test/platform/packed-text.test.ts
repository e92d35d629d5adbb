import test from 'ava';
import fc from 'fast-check';
import { createTextPacker } from '../../platform/packed-text.ts';

/** As the API server writes them: much that is the same, and something of its own. */
const alike = (index: number): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `app-${index}`, namespace: `tenant-${index % 7}`, resourceVersion: String(1_000 + index) },
    spec: { replicas: index % 3, selector: { matchLabels: { app: `app-${index}` } }, progressDeadlineSeconds: 600 },
    status: { conditions: [{ type: 'Available', reason: 'MinimumReplicasAvailable', status: 'True' }] },
  });

test('whatever is packed is unpacked as it was, with whatever else is packed before and after', (t) => {
  const anyText = fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 6_000 }), fc.nat(50).map(alike));
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 60 }), (texts) => {
      const packer = createTextPacker();
      const packed = texts.map((text) => packer.pack(text));
      t.deepEqual(
        packed.map((one) => packer.unpack(one)),
        texts,
      );
    }),
    { numRuns: 60 },
  );
});

test('of texts that are alike little is left, of whichever sort and whatever came first', (t) => {
  const packer = createTextPacker();
  const odd = JSON.stringify(Array.from({ length: 100 }, (_, index) => Math.sin(index)));
  packer.pack(odd);
  const texts = Array.from({ length: 200 }, (_, index) => alike(index));
  const [before, after] = [texts, texts.map((text) => packer.pack(text))].map((all) =>
    all.slice(20).reduce((sum, { length }) => sum + length, 0),
  );
  t.true(Number(after) < Number(before) / 5, `${before} characters have become ${after}`);
});
