/** The small schemas that the parsers of the Canary share. Each error says what was expected; parse.ts adds where and what it got. */
import { z } from 'zod';

export const text = z.string({ error: 'a text' });

/** A text that may be left out; the empty text counts as left out, as Go's zero value does. */
export const optionalText = z
  .string({ error: 'a text' })
  .optional()
  .transform((value) => (value === '' ? undefined : value));

export const requiredText = z.string({ error: 'a non-empty text' }).min(1, { error: 'a non-empty text' });

export const flag = z.boolean({ error: 'true or false' }).optional().default(false);

export const texts = z.array(text, { error: 'a list of texts' }).optional().default([]);

export const textMap = z.record(z.string(), text, { error: 'an object of texts' }).optional().default({});

/** An integer in a closed range; the bounds are part of the error. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  const error = max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

export const anyInteger = z.number({ error: 'an integer' }).int({ error: 'an integer' });

export const finite = z.number({ error: 'a number' });

/** One of a closed set of texts. */
export function oneOf<const T extends string>(values: readonly T[]): z.ZodEnum<{ [K in T]: K }> {
  return z.enum(values, { error: `one of ${values.filter((value) => value !== '').join(', ')}` });
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the keys whose value is undefined: an absent field is absent, never undefined. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** Whether a field says anything: Go's zero values, empty lists and empty objects don't. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === false || value === '' || value === 0) return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}
