import test from 'ava';
import { checksumOf } from '../../canary/checksum.ts';

const vectors: Record<string, { configs: Record<string, string> | undefined; lastAppliedSpec: string; is: string }> = {
  'two tracked configs': {
    configs: { 'configmap/podinfo-config': '484637c76acaa7c6', 'secret/podinfo-secret': '9fc3a7c76acaa7c6' },
    lastAppliedSpec: '4cb74184589',
    is: '55877b9d78',
  },
  'no tracked config': { configs: {}, lastAppliedSpec: '5f56684589', is: '557d867f8b' },
  'configs that are not tracked': { configs: undefined, lastAppliedSpec: '', is: '758df7c9fc' },
};

for (const [title, { configs, lastAppliedSpec, is }] of Object.entries(vectors)) {
  test(`the checksum of ${title} is as published`, (t) => t.is(checksumOf(configs, lastAppliedSpec), is));
}

test('the order of the tracked configs does not matter', (t) => {
  t.is(
    checksumOf({ 'configmap/a': '1', 'secret/b': '2' }, 'x'),
    checksumOf({ 'secret/b': '2', 'configmap/a': '1' }, 'x'),
  );
});

test('another hash of one config changes the checksum', (t) => {
  t.not(checksumOf({ 'configmap/a': '1' }, 'x'), checksumOf({ 'configmap/a': '2' }, 'x'));
});
