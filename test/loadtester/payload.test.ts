import test from 'ava';
import { isTrue, parsePayload } from '../../loadtester/payload.ts';

const expected = 'expected a JSON object {"name", "namespace", "phase", "checksum", "metadata"} as the request body';

test('a webhook payload is read field by field', (t) => {
  const sent = { name: 'podinfo', namespace: 'test', phase: 'Progressing', checksum: 'c', metadata: { type: 'bash' } };
  t.deepEqual(parsePayload(JSON.stringify(sent)), { ok: true, payload: sent });
});

test('absent and null fields are empty, unknown ones are ignored', (t) => {
  t.deepEqual(parsePayload('{"name":"podinfo","phase":null,"metadata":null,"extra":1}'), {
    ok: true,
    payload: { name: 'podinfo', namespace: '', phase: '', checksum: '', metadata: {} },
  });
});

for (const [what, body, got] of [
  ['an empty body', ' \n', 'got an empty body'],
  ['an array', '[]', 'Invalid input: expected object, received array'],
  ['a bare word', '"podinfo"', 'Invalid input: expected object, received string'],
  ['a number for a name', '{"name":1}', 'at name: Invalid input: expected string, received number'],
  [
    'metadata that is not text',
    '{"metadata":{"retries":3}}',
    'at metadata.retries: Invalid input: expected string, received number',
  ],
] as const) {
  test(`${what} is refused with what was expected and what came`, (t) => {
    t.deepEqual(parsePayload(body), { ok: false, problem: `${expected}, ${got}` });
  });
}

test('text that is not JSON is refused', (t) => {
  const parsed = parsePayload('{"name":');
  t.false(parsed.ok);
  t.true(!parsed.ok && parsed.problem.startsWith(`${expected}, got text that is not JSON: `));
});

test('1, t, T, true, True and TRUE mean true, everything else means false', (t) => {
  t.deepEqual(
    ['1', 't', 'T', 'true', 'True', 'TRUE'].filter((value) => !isTrue(value)),
    [],
  );
  t.deepEqual([undefined, '', '0', 'false', 'yes', 'tRUE', ' true', '10'].filter(isTrue), []);
});
