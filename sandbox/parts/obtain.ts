import type { SandboxEnvironment } from '../environment.ts';
import type { Progress } from '../progress.ts';
import type { FoundPart, Part, Way } from './part.ts';
import { createArchiveObtainer } from './archive.ts';
import { createDebianObtainer } from './debian.ts';
import { createGoObtainer } from './go-build.ts';
import { createWheelObtainer } from './wheel.ts';

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

/** One obtainer for each kind of way, as one that dispatches by kind. */
export function createObtainer(options: ObtainerOptions): Obtainer<Way> {
  const archive = createArchiveObtainer(options);
  const debian = createDebianObtainer(options);
  const wheel = createWheelObtainer(options);
  const go = createGoObtainer(options);
  const obtainers = { archive, debian, wheel, go } as const;
  const forWay = (way: Way): Obtainer<Way> => obtainers[way.kind];
  return {
    describe: (way) => forWay(way).describe(way),
    cached: (part, way) => forWay(way).cached(part, way),
    obtain: (part, way) => forWay(way).obtain(part, way),
  };
}
