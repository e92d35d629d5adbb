/**
 * Reads a Retry-After header: seconds, or the date of an HTTP header.
 *
 * @returns milliseconds from `now` on, at least 0; undefined when the header is missing or says neither
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
