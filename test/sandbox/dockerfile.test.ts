import test from 'ava';
import { imageNodeArguments, imageVariables, nodeArguments, variables } from '../../sandbox/dockerfile.ts';
import { loadWorkerConfig } from '../../worker/config.ts';

test('the last ENTRYPOINT says how Node is started', (t) => {
  const text =
    'FROM a AS b\nENTRYPOINT ["node", "--x"]\nFROM c\nENTRYPOINT ["tini", "--", "node", "--y", "--z=8"]\nCMD ["m.js"]\n';
  t.deepEqual(nodeArguments(text), ['--y', '--z=8']);
});

test('a Dockerfile that starts something else is refused with what it says', (t) => {
  const wrong = ['FROM a\n', 'ENTRYPOINT node --x\n', 'ENTRYPOINT ["bash"]\n'];
  for (const text of wrong) t.throws(() => nodeArguments(text), { message: /^Dockerfile: expected ENTRYPOINT/ });
});

test('processes of the image have more room for what is young than V8 takes in a small pod', (t) => {
  t.true(imageNodeArguments().some((flag) => /^--max-semi-space-size=\d+$/.test(flag)));
});

test('the last stage says which variables its processes have', (t) => {
  const text = 'FROM a AS b\nENV X=1\nFROM c\n# ENV Y=2\nENV NODE_ENV=production Z=a=b\nENV W=3\n';
  t.deepEqual(variables(text), { NODE_ENV: 'production', Z: 'a=b', W: '3' });
});

test('names are looked up although every step waits for one whose servers are silent', (t) => {
  const { concurrency } = loadWorkerConfig({ REDIS_URL: 'redis://redis:6379', KUBECONFIG: '/home/me/.kube/config' });
  // libuv gives no more than half of its threads to lookups.
  t.true(Number(imageVariables()['UV_THREADPOOL_SIZE']) / 2 > concurrency);
});
