import test from 'ava';
import { messageOf } from '../../platform/error-message.ts';

test('whatever was thrown has words', (t) => {
  t.is(messageOf(new Error('gone')), 'gone');
  t.is(messageOf('a text'), 'a text');
  t.is(messageOf(undefined), 'undefined');
});

test('an error that only its parts explain is told by them', (t) => {
  const parts = [new Error('connect ECONNREFUSED ::1:6379'), new Error('connect ECONNREFUSED 127.0.0.1:6379')];
  t.is(messageOf(new AggregateError(parts)), 'connect ECONNREFUSED ::1:6379; connect ECONNREFUSED 127.0.0.1:6379');
  t.is(messageOf(new AggregateError(parts, 'both refused')), 'both refused');
});
