import test from 'ava';
import { createAuthorize } from '../../loadtester/authorize.ts';

test('without a pattern every namespace may', (t) => {
  t.true(createAuthorize(undefined)(''));
});

test('the pattern is not anchored', (t) => {
  const isAuthorized = createAuthorize(/prod/);
  t.true(isAuthorized('nonprod-2'));
  t.false(isAuthorized('staging'));
});

test('an anchored pattern lets in exactly what it names', (t) => {
  const isAuthorized = createAuthorize(/^(shop|test)$/);
  t.deepEqual(['shop', 'test', 'shop-2', 'pretest', ''].filter(isAuthorized), ['shop', 'test']);
});

test('the same question has the same answer every time', (t) => {
  const isAuthorized = createAuthorize(/test/g);
  t.deepEqual([isAuthorized('test'), isAuthorized('test'), isAuthorized('test')], [true, true, true]);
});
