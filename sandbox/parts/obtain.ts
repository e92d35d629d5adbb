import type { Obtainer, ObtainerOptions } from './obtainer.ts';
import type { Way } from './part.ts';
import { createArchiveObtainer } from './archive.ts';
import { createDebianObtainer } from './debian.ts';
import { createGoObtainer } from './go-build.ts';
import { createWheelObtainer } from './wheel.ts';

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
