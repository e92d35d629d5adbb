import test from 'ava';
import { configChecksum } from '../../../../worker/targets/configs/checksum.ts';

const config = (fields: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, ...fields });

test('checksums are those that statuses of the reference carry', (t) => {
  t.is(configChecksum(config({ data: { color: 'red' } })), '241889ca0604e333');
  t.is(configChecksum(config({ data: { b: '<&>', a: '1' } })), '6bb210b123ce2372');
  t.is(configChecksum(config({ data: { apiKey: 'dGVzdA==' } })), '3930f0692c2295eb');
  t.is(configChecksum(config({})), '74234e98afe7498f');
  // Keys that look like numbers are sorted as texts, too.
  const mixed = { '2': 'b', '10': 'a', '.env': 'x', '1.conf': 'y', k: '\b\f\u2028é\u007f' };
  t.is(configChecksum(config({ data: mixed })), 'b2ba266befe93032');
});

test('binary data counts where there is any', (t) => {
  const plain = config({ data: { color: 'red' } });
  t.not(configChecksum({ ...plain, binaryData: { logo: 'AAE=' } }), configChecksum(plain));
  t.not(
    configChecksum({ ...plain, binaryData: { logo: 'AAE=' } }),
    configChecksum({ ...plain, binaryData: { logo: 'AAI=' } }),
  );
});

test('what is not content makes no difference', (t) => {
  const plain = config({ data: { color: 'red' } });
  t.is(configChecksum({ ...plain, metadata: { name: 'c', labels: { a: 'b' } } }), configChecksum(plain));
});
