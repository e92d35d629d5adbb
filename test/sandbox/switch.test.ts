import test from 'ava';
import { createSwitch } from '../../sandbox/switch.ts';

test('a server whose port somebody else has taken is not started, and that is said', async (t) => {
  const taken = createSwitch({
    name: 'etcd',
    launch: () => t.fail(),
    isReady: async () => true,
    seconds: 5,
  });
  await t.throwsAsync(taken.start(), {
    message: 'etcd: expected nobody at its address yet, got an answer: its port is taken',
  });
  t.is(taken.pid(), undefined);
});
