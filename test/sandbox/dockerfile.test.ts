import test from 'ava';
import { imageNodeArguments, nodeArguments } from '../../sandbox/dockerfile.ts';

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
