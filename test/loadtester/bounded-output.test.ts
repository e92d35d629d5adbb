import test from 'ava';
import * as fc from 'fast-check';
import { createBoundedOutput } from '../../loadtester/bounded-output.ts';

const keep = (maxBytes: number, ...chunks: string[]): string => {
  const output = createBoundedOutput(maxBytes);
  for (const chunk of chunks) output.append(Buffer.from(chunk));
  return output.text();
};

test('output within the bound is kept whole', (t) => {
  t.is(keep(10, '01234', '567', '89'), '0123456789');
  t.is(keep(10), '');
});

test('of longer output the beginning and the end are kept, and how much is missing is said', (t) => {
  t.is(keep(10, '0123456789ab'), '01234\n… 2 bytes left out …\n789ab');
});

test('a letter whose bytes come in two chunks stays whole', (t) => {
  const output = createBoundedOutput(10);
  const bytes = Buffer.from('aéb');
  output.append(bytes.subarray(0, 2));
  output.append(bytes.subarray(2));
  t.is(output.text(), 'aéb');
});

test('how the output is cut into chunks changes nothing', (t) => {
  const chunks = fc.array(fc.stringMatching(/^[a-z]{0,12}$/), { maxLength: 12 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 2, max: 40 }), (pieces, maxBytes) => {
      t.is(keep(maxBytes, ...pieces), keep(maxBytes, pieces.join('')));
    }),
  );
});
