/** Random values that a structural schema takes, and what it has against a value. */
import fc from 'fast-check';

/** As it stands in a CustomResourceDefinition, so far as our schemas go. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'boolean' | 'number' | 'integer';
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Alternative[];
  readonly anyOf?: readonly Alternative[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

interface Alternative {
  readonly required: readonly string[];
}

const numbers = fc.oneof(
  fc.integer({ min: -3, max: 150 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);
const anything = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
  fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 2, noNullPrototype: true }),
);
const words = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', '80', 'http://a.test/', '1m', 'Deployment', 'a=b'),
);
const keys = fc.constantFrom('a', 'x-b', 'c/d', '', 'toString', 'length');

/** A value that the API server takes by this schema, rules between fields aside. */
export function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(fc.integer({ min: -5, max: 70_000 }), words);
  return schema.type === undefined ? anything : makers[schema.type](schema);
}

const makers: Readonly<Record<NonNullable<Schema['type']>, (schema: Schema) => fc.Arbitrary<unknown>>> = {
  object: (schema) => objectOf(schema),
  array: ({ items = {}, maxItems = 3 }) => fc.array(valueOf(items), { maxLength: Math.min(maxItems, 3) }),
  string: (schema) => textOf(schema),
  boolean: () => fc.boolean(),
  number: () => numbers,
  integer: ({ minimum = -10, maximum = 100_000 }) => fc.integer({ min: minimum, max: maximum }),
};

function textOf({ enum: values, pattern, format, minLength = 0, maxLength = 300 }: Schema): fc.Arbitrary<string> {
  if (values) return fc.constantFrom(...values);
  if (format === 'date-time') return fc.constant('2026-01-02T03:04:05Z');
  const some = pattern === undefined ? words : fc.stringMatching(new RegExp(pattern));
  return some.filter((text) => text.length >= minLength && text.length <= maxLength);
}

function objectOf(schema: Schema): fc.Arbitrary<object> {
  const { properties, additionalProperties, required = [], oneOf, anyOf } = schema;
  if (properties === undefined) {
    const value = additionalProperties === undefined ? anything : valueOf(additionalProperties);
    return fc.dictionary(keys, value, { maxKeys: 3, noNullPrototype: true });
  }
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valueOf(field)]));
  const alternatives = oneOf ?? anyOf ?? [{ required: [] }];
  return fc.oneof(
    ...alternatives.map((one) => {
      const others = oneOf === undefined ? [] : alternatives.flatMap((other) => other.required);
      const out = others.filter((name) => !one.required.includes(name));
      const left = Object.fromEntries(Object.entries(fields).filter(([name]) => !out.includes(name)));
      return recordOf(left, { required: [...required, ...one.required], most: schema.maxProperties });
    }),
  );
}

interface RecordOptions {
  readonly required: readonly string[];
  readonly most?: number | undefined;
}

function recordOf(
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  { required, most }: RecordOptions,
): fc.Arbitrary<object> {
  const whole = fc.record(fields, { requiredKeys: [...new Set(required)], noNullPrototype: true });
  return most === undefined ? whole : whole.map((value) => Object.fromEntries(Object.entries(value).slice(0, most)));
}

/** Paths at which the schema has something against the value, rules between fields aside. */
export function complaintsOf(schema: Schema, value: unknown, path = ''): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return isIntOrString(value) ? [] : [path];
  if (!isOfType(schema.type, value)) return [path];
  if (Array.isArray(value)) return complaintsOfList(schema, value, path);
  if (typeof value === 'object' && value !== null) return complaintsOfObject(schema, value, path);
  return isText(schema, value) && isWithin(schema, value) ? [] : [path];
}

const isIntOrString = (value: unknown): boolean => typeof value === 'string' || Number.isSafeInteger(value);

function isOfType(type: Schema['type'], value: unknown): boolean {
  if (type === undefined) return true;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function isText({ enum: values, pattern, minLength = 0, maxLength = Infinity }: Schema, text: unknown): boolean {
  if (typeof text !== 'string') return true;
  if (values && !values.includes(text)) return false;
  if (pattern !== undefined && !new RegExp(pattern).test(text)) return false;
  return text.length >= minLength && text.length <= maxLength;
}

const isWithin = ({ minimum = -Infinity, maximum = Infinity }: Schema, value: unknown): boolean =>
  typeof value !== 'number' || (value >= minimum && value <= maximum);

function complaintsOfList({ items = {}, maxItems = Infinity }: Schema, list: readonly unknown[], path: string) {
  const own = list.length > maxItems ? [path] : [];
  return [...own, ...list.flatMap((item, index) => complaintsOf(items, item, `${path}[${index}]`))];
}

function complaintsOfObject(schema: Schema, value: object, path: string): readonly string[] {
  const { properties, additionalProperties = {}, required = [], maxProperties = Infinity } = schema;
  const has = (name: string): boolean => Object.hasOwn(value, name);
  const missing = required.filter((name) => !has(name)).map((name) => `${path}.${name}`);
  const matches = (all: readonly Alternative[] = []): number => all.filter((one) => one.required.every(has)).length;
  const isOff =
    (schema.oneOf !== undefined && matches(schema.oneOf) !== 1) ||
    (schema.anyOf !== undefined && matches(schema.anyOf) === 0) ||
    Object.keys(value).length > maxProperties;
  const below = Object.entries(value).flatMap(([name, inner]) =>
    complaintsOf(
      properties === undefined ? additionalProperties : (fieldOf(properties, name) ?? {}),
      inner,
      `${path}.${name}`,
    ),
  );
  return [...(isOff ? [path] : []), ...missing, ...below];
}

const fieldOf = (properties: Readonly<Record<string, Schema>>, name: string): Schema | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : undefined;

interface Change {
  /** Chooses the place; the same number chooses anew at each level. */
  readonly place: number;
  /** Whether another value of the same type stands there then, or anything, or nothing. */
  readonly isAlike: boolean;
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly other: unknown;
}

const changes: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  isAlike: fc.boolean(),
  string: words,
  number: numbers,
  boolean: fc.boolean(),
  other: fc.option(anything, { nil: undefined }),
});

/** The value with one or two places changed into something else, or taken away. */
export const mutated = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.array(changes, { minLength: 1, maxLength: 2 }))
    .map(([whole, all]) => all.reduce((current, change) => changedAt(current, change), whole));

function changedAt(value: unknown, change: Change): unknown {
  if (typeof value !== 'object' || value === null) return instead(value, change);
  const entries = Object.entries(value);
  const [key, old] = entries[change.place % entries.length] ?? [];
  if (key === undefined) return change.other;
  const inner = changedAt(old, { ...change, place: Math.floor(change.place / entries.length) });
  const kept = entries.map(([name, field]) => [name, name === key ? inner : field] as const);
  const left = kept.filter(([, field]) => field !== undefined);
  return Array.isArray(value) ? left.map(([, field]) => field) : Object.fromEntries(left);
}

function instead(value: unknown, { isAlike, other, ...change }: Change): unknown {
  const type = typeof value;
  const hasLike = type === 'string' || type === 'number' || type === 'boolean';
  return isAlike && hasLike ? change[type] : other;
}
