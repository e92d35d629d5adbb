/** May a payload of this namespace use the load tester? */
export type Authorize = (namespace: string) => boolean;

/**
 * Everybody may when no pattern is set. The pattern is not anchored (spec/loadtester.md section 2): `prod` also lets
 * `nonprod` in, so operators should write `^prod$`.
 */
export function createAuthorize(pattern: RegExp | undefined): Authorize {
  if (pattern === undefined) return () => true;
  // A pattern with the flag g or y would remember the last match and answer differently the next time.
  const stateless = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
  return (namespace) => stateless.test(namespace);
}
