import test from 'ava';
import { chooseTask, type TaskChoice } from '../../../loadtester/tasks/table.ts';

const choose = (metadata: Record<string, string>, name = 'podinfo'): TaskChoice =>
  chooseTask({ name, namespace: 'test', phase: 'Progressing', checksum: 'c', metadata });

const refused = (problem: string): TaskChoice => ({ ok: false, problem });

const idOf = (choice: TaskChoice): string => (choice.ok ? choice.task.id : 'none');

for (const [type, mode, program] of [
  ['cmd', 'queued', { file: 'sh', args: ['-c', 'wait "a b" | c'] }],
  ['bash', 'awaited', { file: 'bash', args: ['-c', 'wait "a b" | c'] }],
  ['helm', 'awaited', { file: 'helm', args: ['wait', 'a b', '|', 'c'] }],
  ['helmv3', 'awaited', { file: 'helm', args: ['wait', 'a b', '|', 'c'] }],
  ['kubectl', 'awaited', { file: 'kubectl', args: ['wait', 'a b', '|', 'c'] }],
] as const) {
  test(`${type} is ${mode} and runs ${program.file}`, (t) => {
    const choice = choose({ type, cmd: 'wait "a b" | c' });
    t.true(choice.ok);
    t.like(choice.ok ? choice.task : {}, { type, mode, program, canary: 'podinfo.test', cmd: 'wait "a b" | c' });
  });

  test(`${type} without a command is refused`, (t) => {
    t.deepEqual(choose({ type }), refused('cmd not found in metadata'));
    t.deepEqual(choose({ type, cmd: '' }), refused('cmd not found in metadata'));
    t.deepEqual(choose({ type, cmd: ' \n' }), refused('cmd not found in metadata'));
  });

  test(`${type} with a zero byte is refused`, (t) => {
    const problem = 'cmd: expected text without zero bytes, which no program can be given';
    t.deepEqual(choose({ type, cmd: 'echo \0' }), refused(problem));
  });
}

test('without a type, or with an empty one, the type is cmd', (t) => {
  t.like(choose({ cmd: 'true' }), { ok: true, task: { type: 'cmd' } });
  t.like(choose({ type: '', cmd: 'true' }), { ok: true, task: { type: 'cmd' } });
});

test('empty metadata is refused', (t) => {
  t.deepEqual(choose({}), refused('metadata not found in payload'));
});

for (const type of ['ngrinder', 'BASH', 'constructor', '__proto__', ' ']) {
  test(`'${type}' is an unknown task type`, (t) => {
    t.deepEqual(
      choose({ type, cmd: 'true' }),
      refused(`unknown task type ${type}, expected one of cmd, bash, helm, helmv3, kubectl`),
    );
  });
}

test('an unfinished quote is refused where no shell would report it', (t) => {
  const choice = choose({ type: 'kubectl', cmd: "get 'pods" });
  t.regex(choice.ok ? '' : choice.problem, /^cmd: expected words/);
});

test('a task is told apart by its canary, type and command, and by nothing else', (t) => {
  const id = idOf(choose({ type: 'bash', cmd: 'true' }));
  t.is(idOf(choose({ type: 'bash', cmd: 'true', returnCmdOutput: 'true', other: 'x' })), id);
  const others = [
    choose({ type: 'bash', cmd: 'true' }, 'other'),
    choose({ type: 'cmd', cmd: 'true' }),
    choose({ type: 'bash', cmd: 'true ' }),
  ];
  t.is(new Set([id, ...others.map(idOf)]).size, 4);
});

test('the id tells nothing of the command', (t) => {
  t.regex(idOf(choose({ cmd: 'curl -H "authorization: Bearer abc"' })), /^[0-9a-f]{64}$/);
});

test('output is logged and returned only on request', (t) => {
  t.like(choose({ cmd: 'true' }), { task: { logOutput: false, returnOutput: false } });
  t.like(choose({ cmd: 'true', logCmdOutput: 'true', returnCmdOutput: '1' }), {
    task: { logOutput: true, returnOutput: true },
  });
});
