/** Constants of the template language. */
import type { Token } from './lexer.ts';
import { unescape } from './unquote.ts';
import type { Value } from './value.ts';

/** What is wrong with a constant, as the parser says it. */
export interface BadLiteral {
  readonly problem: string;
}

const words: ReadonlyMap<string, Value> = new Map([
  ['true', true],
  ['false', false],
]);

/** @returns undefined when the token is no constant */
export function literalOf({ kind, text }: Token): { readonly value: Value } | BadLiteral | undefined {
  switch (kind) {
    case 'string':
      return stringOf(text);
    case 'rawString':
      return { value: text.slice(1, -1) };
    case 'character':
      return characterOf(text);
    case 'number':
      return numberOf(text);
    case 'identifier':
      return words.has(text) ? { value: words.get(text) ?? null } : undefined;
    default:
      return undefined;
  }
}

function stringOf(text: string): { readonly value: Value } | BadLiteral {
  const value = unescape(text.slice(1, -1));
  return value === undefined ? { problem: 'invalid syntax' } : { value };
}

/** A character is the number of its code point. */
function characterOf(text: string): { readonly value: Value } | BadLiteral {
  const characters = Array.from(unescape(text.slice(1, -1)) ?? '');
  const codePoint = characters[0]?.codePointAt(0);
  if (characters.length !== 1 || codePoint === undefined) return { problem: `malformed character constant: ${text}` };
  return { value: BigInt(codePoint) };
}

const wholeNumber = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const decimalNumber = /^[+-]?(?=[0-9.]*[.eE])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function numberOf(text: string): { readonly value: Value } | BadLiteral {
  const plain = text.replaceAll('_', '');
  const whole = wholeNumber.exec(plain);
  if (whole !== null) return wholeOf(whole[1] ?? '', whole[2] ?? '');
  return decimalNumber.test(plain) ? { value: Number(plain) } : { problem: `bad number syntax: "${text}"` };
}

function wholeOf(sign: string, digits: string): { readonly value: Value } | BadLiteral {
  const isOldOctal = /^0[0-7]+$/.test(digits);
  const magnitude = BigInt(isOldOctal ? `0o${digits.slice(1)}` : digits);
  const value = sign === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? { value } : { problem: `${sign}${digits} overflows int` };
}
