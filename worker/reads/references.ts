import type { Canary } from '../../canary/canary.ts';

/**
 * Whether a Canary may read an object in this namespace: its own, or one that the operator opened to all.
 * Asked at every read, so that an edited Canary or a shortened list takes effect at once.
 *
 * @param opened the namespace of the installation and those of the operator's allow-list; `*` stands for all
 */
export const mayReference = (canary: Canary, namespace: string, opened: readonly string[]): boolean =>
  namespace === canary.namespace || opened.includes('*') || opened.includes(namespace);
