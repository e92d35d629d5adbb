/** The small types that the schemas of all objects share. Each error says what was expected; parse.ts adds where and what it got. */
import { z } from 'zod';

export const text = z.string({ error: 'a text' });

/** A text that may be left out; the empty text counts as left out, as Go's zero value does. */
export const optionalText = text.optional().transform((value) => (value === '' ? undefined : value));

export const requiredText = z
  .string({ error: 'a non-empty text' })
  .refine((value) => value !== '', { error: 'a non-empty text' });

export const flag = z.boolean({ error: 'true or false' }).optional().default(false);

/** A flag whose absence differs from `false`. */
export const optionalFlag = z.boolean({ error: 'true or false' }).optional();

export const texts = z.array(text, { error: 'a list of texts' }).optional().default([]);

export const textMap = z.record(z.string(), text, { error: 'an object of texts' }).optional().default({});

type JudgedNumber = z.ZodPipe<z.ZodNumber, z.ZodNumber>;

/** An integer in a closed range; the bounds are part of the error. The API server takes any number, as the reference's does. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): JudgedNumber {
  const error = integerError(min, max);
  return z.number({ error }).pipe(storedInteger(min, max));
}

/** An integer whose range the API server checks too. */
export function storedInteger(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  const error = integerError(min, max);
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

const integerError = (min: number, max: number): string =>
  max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;

export const anyInteger: JudgedNumber = z
  .number({ error: 'an integer' })
  .pipe(z.number({ error: 'an integer' }).int({ error: 'an integer' }));

/** A port that the API server checks. */
export const storedPort = storedInteger(1, 65535).meta({ admitted: { format: 'int32' } });

export const finite = z.number({ error: 'a number' });

/** One of a closed set of texts. */
export function oneOf<const T extends string>(values: readonly T[]): z.ZodEnum<{ [K in T]: K }> {
  return z.enum(values, { error: `one of ${values.filter((value) => value !== '').join(', ')}` });
}

/** Pattern of a duration, as the reference has it: without an end, so that `1m30s` and `500ms` pass, and `1h` does not. */
export const durationPattern = '^[0-9]+(m|s)';
