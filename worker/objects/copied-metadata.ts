/** Which labels and annotations of a user's object its copy carries. Rules: spec of targets, section 1. */

export type StringMap = Readonly<Record<string, string>>;

const keep = (map: StringMap, isKept: (key: string) => boolean): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => isKept(key)));

/** Flux would take a copy with its marks for its own and prune it. */
export const withoutToolkit = (map: StringMap): Record<string, string> =>
  keep(map, (key) => !key.includes('toolkit.fluxcd.io'));

/** Where `kubectl apply` keeps what a user last applied, as JSON. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

const isNote = (key: string): boolean => key.startsWith('deployment.kubernetes.io/') || key === lastAppliedAnnotation;

/**
 * Annotations without Flux's marks and without the notes that kubectl and the Deployment controller keep about the very
 * object they are written on: the copy gets notes of its own.
 */
export const copiedAnnotations = (annotations: StringMap): Record<string, string> =>
  keep(withoutToolkit(annotations), (key) => !isNote(key));

/** Keys with one of the prefixes; `*` stands for all, no prefix for none. Flux's marks are never among them. */
export const withPrefixes = (map: StringMap, prefixes: readonly string[]): Record<string, string> =>
  keep(copiedAnnotations(map), (key) =>
    prefixes.some((prefix) => prefix === '*' || (prefix !== '' && key.startsWith(prefix))),
  );
