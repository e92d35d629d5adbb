import { split } from 'shlex';

export type Words = { readonly ok: true; readonly words: string[] } | { readonly ok: false; readonly problem: string };

// One quoted or escaped piece of a command: $'…', '…', "…" or a backslash with the character that it escapes.
const quotedPiece = /\$'(?:\\[\s\S]|[^'\\])*'|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]/g;

/**
 * Splits a command as a POSIX shell splits words: single and double quotes and backslashes are honoured. Nothing is
 * expanded, no operator is known (`|` and `$HOME` are words like any other), `#` starts no comment, no shell is started.
 */
export function splitWords(command: string): Words {
  try {
    return { ok: true, words: split(command.replaceAll(quotedPiece, withoutDollarEscapes)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `cmd: expected words as a POSIX shell reads them, got an unfinished one: ${reason}` };
  }
}

/** In double quotes a backslash also escapes `$` and a backquote; shlex 3.0.0 only knows it before `"`, itself and a line end. */
function withoutDollarEscapes(piece: string): string {
  if (!piece.startsWith('"')) return piece;
  return piece.replaceAll(/\\([\s\S])/g, (escaped, character: string) =>
    '$`'.includes(character) ? character : escaped,
  );
}
