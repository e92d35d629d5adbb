import test from 'ava';
import { loadSchedulerConfig } from '../../scheduler/config.ts';

const least = { REDIS_URL: 'redis://redis:6379', KUBECONFIG: '/home/me/.kube/config' };

test('a scheduler that stays ticks every ten seconds and looks two and a half ticks ahead', (t) => {
  t.like(loadSchedulerConfig(least, { once: false }), { tickIntervalMs: 10_000, horizonMs: 25_000, namespaces: [] });
});

test('a single tick looks a minute and a half ahead, whatever the interval of the other mode', (t) => {
  t.is(loadSchedulerConfig({ ...least, TICK_INTERVAL: '5m' }, { once: true }).horizonMs, 90_000);
});

test('a horizon that is set counts in both modes', (t) => {
  for (const once of [true, false]) t.is(loadSchedulerConfig({ ...least, HORIZON: '2m' }, { once }).horizonMs, 120_000);
});

test('a horizon that ends before the next tick is refused', (t) => {
  const env = { ...least, HORIZON: '10s', TICK_INTERVAL: '10s' };
  t.throws(() => loadSchedulerConfig(env, { once: false }), {
    message: /HORIZON .*expected more than TICK_INTERVAL \(10s\).*got '10s'/,
  });
});

test('a single tick refuses a horizon that ends before the next one of a CronJob', (t) => {
  t.is(loadSchedulerConfig({ ...least, HORIZON: '61s' }, { once: true }).horizonMs, 61_000);
  t.throws(() => loadSchedulerConfig({ ...least, HORIZON: '25s' }, { once: true }), {
    message: /HORIZON .*expected more than the 1m between two ticks of a CronJob.*got '25s'/,
  });
});

test('what contradicts itself in several ways is told at once', (t) => {
  const env = { REDIS_URL: least.REDIS_URL, REDIS_CA_FILE: '/tls/ca.crt', HORIZON: '25s' };
  const error = t.throws(() => loadSchedulerConfig(env, { once: true }));
  t.regex(error?.message ?? '', /^3 variables .*KUBECONFIG.*REDIS_CA_FILE.*HORIZON/s);
});

test('several namespaces may be served', (t) => {
  t.deepEqual(loadSchedulerConfig({ ...least, NAMESPACE: 'a, b' }, { once: true }).namespaces, ['a', 'b']);
});

test('namespaces may weigh more than one', (t) => {
  const weightsOf = (text: string) =>
    loadSchedulerConfig({ ...least, NAMESPACE_WEIGHTS: text }, { once: true }).weights;
  t.deepEqual(
    weightsOf('team-a=3, team-b=1'),
    new Map([
      ['team-a', 3],
      ['team-b', 1],
    ]),
  );
  t.is(loadSchedulerConfig(least, { once: true }).weights.size, 0);
  for (const text of ['team-a', 'team-a=0', 'team-a=101', 'team-a=1.5', 'team-a=1,team-a=2', '=3', 'team-a=1=2']) {
    t.throws(() => weightsOf(text), { message: /NAMESPACE_WEIGHTS .*expected pairs such as team-a=3/ }, text);
  }
});
