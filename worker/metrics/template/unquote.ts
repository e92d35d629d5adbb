/** Reads the quoted constants of the template language: escapes as in Go. */

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

const piece = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([^\\]+)/suy;

/**
 * Text between the quotes of a string with escapes.
 *
 * @returns undefined for an escape that does not exist
 */
export function unescape(inner: string): string | undefined {
  const bytes: Buffer[] = [];
  piece.lastIndex = 0;
  while (piece.lastIndex < inner.length) {
    const match = piece.exec(inner);
    const decoded = match === null ? undefined : bytesOf(match);
    if (decoded === undefined) return undefined;
    bytes.push(decoded);
  }
  return Buffer.concat(bytes).toString('utf8');
}

/** `\x` and octal escapes give single bytes, so several of them may spell one character. */
function bytesOf([, hex, octal, short, long, simple, plain]: RegExpExecArray): Buffer | undefined {
  if (plain !== undefined) return Buffer.from(plain, 'utf8');
  if (hex !== undefined) return Buffer.from([Number.parseInt(hex, 16)]);
  if (octal !== undefined) return byte(Number.parseInt(octal, 8));
  if (simple !== undefined) return Object.hasOwn(simpleEscapes, simple) ? byte(simpleEscapes[simple] ?? 0) : undefined;
  const codePoint = Number.parseInt(short ?? long ?? '', 16);
  return codePoint > 0x10ffff ? undefined : Buffer.from(String.fromCodePoint(codePoint), 'utf8');
}

const byte = (value: number): Buffer | undefined => (value > 255 ? undefined : Buffer.from([value]));

/** Text in the double quotes and escapes of the template language. */
export const quote = (text: string): string => JSON.stringify(text);
