/** What an expression of a template can be. Whole numbers are bigint, so that `5` and `5.0` stay different kinds. */
export type Value = string | bigint | number | boolean | null | ReadonlyMap<string, string>;

const typeNames = { bigint: 'int', number: 'float64', boolean: 'bool', string: 'string', object: 'map[string]string' };

/** Kind of a value in the words of the template language's errors. */
export const typeName = (value: Value): string =>
  value === null ? 'nil' : typeNames[typeof value as keyof typeof typeNames];

/** Whether `if`, `and`, `or` and `not` take the value as true: anything but zero, empty and nil. */
export function isTruthy(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}
