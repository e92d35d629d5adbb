import type { SandboxEnvironment } from '../environment.ts';
import type { Progress } from '../progress.ts';
import type { FoundPart, Part, Way } from './part.ts';

/** Gets parts in one of the {@link Way}s and keeps them in the cache. */
export interface Obtainer<W extends Way> {
  /** The way in words, e.g. `Go build of sandbox/go/kubernetes`. */
  describe(way: W): string;
  /** The part, if the cache has it from this way. */
  cached(part: Part, way: W): Promise<FoundPart | undefined>;
  /**
   * Brings the part into the cache.
   * @throws Error saying what stood in the way on this machine.
   */
  obtain(part: Part, way: W): Promise<FoundPart>;
}

/** What every obtainer works with. */
export interface ObtainerOptions {
  readonly environment: SandboxEnvironment;
  readonly progress: Progress;
}
