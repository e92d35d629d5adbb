import { execFileSync } from 'node:child_process';
import test from 'ava';
import * as fc from 'fast-check';
import { splitWords } from '../../loadtester/split-words.ts';

/** The words that a real POSIX shell makes of a command; -f: no file names. */
const wordsOfShell = (command: string): string[] =>
  execFileSync('sh', ['-fc', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

const cases: readonly [string, string[]][] = [
  ["get pods -l 'app in (a, b)'", ['get', 'pods', '-l', 'app in (a, b)']],
  ['test "a b" \'c "d"\' e\\ f', ['test', 'a b', 'c "d"', 'e f']],
  ['a "" b', ['a', '', 'b']],
  ['a\'b\'"c"d', ['abcd']],
  ['\'\\n\' "\\n" \\n', ['\\n', '\\n', 'n']],
  ['"\\$x \\` \\" \\\\ \\a"', ['$x ` " \\ \\a']],
  ['upgrade \\\n  --install', ['upgrade', '--install']],
  ['"one \\\ntwo"', ['one two']],
  ["-o jsonpath='{.items[*].metadata.name}'", ['-o', 'jsonpath={.items[*].metadata.name}']],
];

for (const [command, words] of cases) {
  test(`${JSON.stringify(command)} is split as a shell splits it`, (t) => {
    t.deepEqual(splitWords(command), { ok: true, words });
    t.deepEqual(wordsOfShell(command), words);
  });
}

test('nothing is expanded and no operator is known', (t) => {
  t.deepEqual(splitWords('a $HOME `id` "$(id)" | b > c; d & * ~ {x,y} #e'), {
    ok: true,
    words: ['a', '$HOME', '`id`', '$(id)', '|', 'b', '>', 'c;', 'd', '&', '*', '~', '{x,y}', '#e'],
  });
});

test('blanks around and between words do not count', (t) => {
  t.deepEqual(splitWords(' \n a\t\tb \n'), { ok: true, words: ['a', 'b'] });
});

for (const command of ["a 'b", 'a "b', 'a "b\\"', 'a \\']) {
  test(`${JSON.stringify(command)} is refused because a word has no end`, (t) => {
    const split = splitWords(command);
    t.false(split.ok);
    t.regex(split.ok ? '' : split.problem, /^cmd: expected words as a POSIX shell reads them, got a command without /);
  });
}

const character = fc.constantFrom('a', 'Z', '0', ' ', '\t', '\n', "'", '"', '\\', '$', '`', '|', '*', '#', 'é', '=');
const quotings: readonly ((character: string) => string)[] = [
  (text) => (text === "'" ? '"\'"' : `'${text}'`),
  (text) => `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`,
  (text) => (text === '\n' ? "'\n'" : `\\${text}`),
];
const word = fc.array(fc.tuple(character, fc.constantFrom(...quotings)), { minLength: 1, maxLength: 8 });

test('words that were quoted in any mixture of ways come out as they were, as from a real shell', (t) => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (quoted) => {
      const words = quoted.map((pieces) => pieces.map(([text]) => text).join(''));
      const command = quoted.map((pieces) => pieces.map(([text, quote]) => quote(text)).join('')).join(' ');
      t.deepEqual(splitWords(command), { ok: true, words });
      t.deepEqual(wordsOfShell(command), words);
    }),
  );
});
