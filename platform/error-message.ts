/** The words of what was thrown, whatever it was. A connection that failed at several addresses has them in its parts only. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
