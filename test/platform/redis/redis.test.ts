import test from 'ava';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { RedisUnusableError } from '../../../platform/redis/address.ts';
import { adviceOn, parseFacts, refusalOf } from '../../../platform/redis/facts.ts';
import { createRedis } from '../../../platform/redis/redis.ts';

const info = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');

const good = { redis_version: '7.0.15', configured_hz: '100', maxmemory_policy: 'noeviction', aof_enabled: '1' };

test('a Redis as our manifest runs it is neither refused nor advised on', (t) => {
  const facts = parseFacts(info(good));
  t.like(facts, { version: '7.0.15', evictionPolicy: 'noeviction', aofEnabled: true, hz: 100, isCluster: false });
  t.is(refusalOf(facts, '{aviary}'), undefined);
  t.deepEqual(adviceOn(facts), []);
});

const versions: Record<string, boolean> = {
  '6.2.0': true,
  '6.10.1': true,
  '7.0': true,
  '10.1.0': true,
  '6.0.16': false,
  '5.0.9': false,
};
for (const [version, isUsable] of Object.entries(versions)) {
  test(`version ${version} is ${isUsable ? 'used' : 'refused, with the version needed'}`, (t) => {
    const refusal = refusalOf(parseFacts(info({ ...good, redis_version: version })), '{aviary}');
    if (isUsable) t.is(refusal, undefined);
    else
      t.is(refusal, `Redis: expected version 6.2 or newer, got ${version}; upgrade it, the queue needs newer commands`);
  });
}

test('a Redis that evicts is refused, with the command that cures it', (t) => {
  const refusal = refusalOf(parseFacts(info({ ...good, maxmemory_policy: 'allkeys-lru' })), '{aviary}');
  t.regex(
    refusal ?? '',
    /expected maxmemory-policy noeviction, got allkeys-lru.*CONFIG SET maxmemory-policy noeviction/,
  );
});

test('what is not told or not recommended is advised on, not refused', (t) => {
  const untold = parseFacts('');
  t.is(refusalOf(untold, '{aviary}'), undefined);
  t.is(adviceOn(untold).length, 2);
  const plain = parseFacts(info({ ...good, configured_hz: '10', aof_enabled: '0' }));
  t.is(refusalOf(plain, '{aviary}'), undefined);
  t.deepEqual(
    adviceOn(plain).map((advice) => advice.split(' ')[0]),
    ['appendonly', 'hz'],
  );
});

test('a URL that is not one of Redis is refused without showing it', (t) => {
  for (const url of ['pa55word@host', 'http://u:pa55word@host', '/tmp/redis.sock']) {
    const open = () => createRedis({ url, role: 'producer', connectionName: 'test', log: silentLogger });
    const error = t.throws(open, { instanceOf: RedisUnusableError });
    t.notRegex(error?.message ?? '', /pa55word/);
  }
});
