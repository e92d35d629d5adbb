/** What zod says of a schema's input, with what the schema says of itself (`canary/schema/meta.ts`). */
import { z } from 'zod';
import type { AdmissionRule, AdmittedForm } from '../../canary/schema/meta.ts';

export interface Written {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Written>>;
  readonly additionalProperties?: Written;
  readonly items?: Written;
  readonly admitted?: AdmittedForm;
  readonly rules?: readonly AdmissionRule[];
  readonly storedDefault?: string | number;
  readonly whenAbsent?: string;
}

/** As zod emits it: objects of several kinds are alternatives, which a structural schema may not have. */
interface Emitted extends Omit<Written, 'properties' | 'additionalProperties' | 'items'> {
  readonly oneOf?: readonly Emitted[];
  readonly properties?: Readonly<Record<string, Emitted>>;
  readonly additionalProperties?: Emitted;
  readonly items?: Emitted;
}

export function written(schema: z.ZodType): Written {
  return settled(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Emitted);
}

/** The same from the leaves up, without alternatives. */
function settled({ oneOf, properties, additionalProperties, items, ...rest }: Emitted): Written {
  const own: Written = {
    ...rest,
    ...(properties && { properties: mapped(properties, settled) }),
    ...(additionalProperties && { additionalProperties: settled(additionalProperties) }),
    ...(items && { items: settled(items) }),
  };
  return oneOf === undefined ? own : { ...oneOf.map(settled).reduce(joined), ...own };
}

/** One object with the fields of both; those that both need are needed. */
function joined(one: Written, other: Written): Written {
  const both = new Map(Object.entries(one.properties ?? {}));
  for (const [name, field] of Object.entries(other.properties ?? {})) {
    const known = both.get(name);
    both.set(name, known === undefined ? field : eitherOf(known, field));
  }
  const required = (one.required ?? []).filter((name) => other.required?.includes(name));
  return { type: 'object', required, properties: Object.fromEntries(both) };
}

const eitherOf = (one: Written, other: Written): Written =>
  one.enum === undefined || other.enum === undefined
    ? one
    : { ...other, ...one, enum: [...new Set([...one.enum, ...other.enum])] };

export const mapped = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** What counts where the field is left out, in words; undefined where nothing has to be said. */
export function absence({ storedDefault, whenAbsent, default: parsed }: Written): string | undefined {
  if (whenAbsent !== undefined) return whenAbsent;
  const value = storedDefault ?? parsed;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
