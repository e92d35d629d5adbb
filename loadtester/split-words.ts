export type Words = { readonly ok: true; readonly words: string[] } | { readonly ok: false; readonly problem: string };

/** What a command is made of: blanks, quoted or escaped pieces, and runs of plain characters. */
const piece =
  /(?<blank>[ \t\r\n]+)|'(?<single>[^']*)'|"(?<double>(?:\\[\s\S]|[^"\\])*)"|\\(?<escaped>[\s\S])|(?<plain>[^ \t\r\n'"\\]+)/y;

/**
 * Splits a command as a POSIX shell splits words: single and double quotes and backslashes are honoured. Nothing is
 * expanded, no operator is known (`|` and `$HOME` are words like any other), `#` starts no comment, no shell is started.
 * Our own because shlex 3.0.0, shellwords 1.1.1, shellwords-ts 3.0.1 and args-tokenizer 0.3.0 each get some words wrong that
 * a shell gets right: quotes of two kinds in one word, backslashes in quotes, empty words, or joined lines.
 */
export function splitWords(command: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < command.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const groups = piece.exec(command)?.groups;
    if (groups === undefined) return { ok: false, problem: wordUnfinished(command, at) };
    if (groups['blank'] === undefined) word = addPiece(word, groups);
    else endWord();
  }
  endWord();
  return { ok: true, words };
}

/** A backslash at the end of a line joins it with the next one, and begins no word by itself. */
function addPiece(word: string | undefined, groups: Record<string, string | undefined>): string | undefined {
  if (groups['escaped'] === '\n') return word;
  return `${word ?? ''}${meaningOf(groups)}`;
}

/** In double quotes a backslash escapes only these characters, and joins lines; before any other it stands for itself. */
function meaningOf({ single, double, escaped, plain }: Record<string, string | undefined>): string {
  if (double === undefined) return single ?? escaped ?? plain ?? '';
  return double.replaceAll(/\\([\s\S])/g, (pair, character: string) => {
    if (character === '\n') return '';
    return '$`"\\'.includes(character) ? character : pair;
  });
}

function wordUnfinished(command: string, at: number): string {
  const missing = command[at] === '\\' ? 'a character after its last backslash' : `a closing ${command[at]}`;
  return `cmd: expected words as a POSIX shell reads them, got a command without ${missing} (see position ${at})`;
}
