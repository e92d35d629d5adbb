import type { SandboxEnvironment } from '../environment.ts';
import type { Progress } from '../progress.ts';
import { createFinders, variableOf, type Finder } from './find.ts';
import type { Obtainer } from './obtainer.ts';
import { createObtainer } from './obtain.ts';
import type { FoundPart, Part, Way } from './part.ts';
import { partNamed } from './table.ts';
import { messageOf } from '../../platform/error-message.ts';

/** Finds parts on this machine and gets those that are missing. */
export interface Parts {
  /**
   * The parts of these names, those that are missing being downloaded while others compile.
   * @throws PartsError naming every part that cannot be had here, and what would help.
   */
  get<Name extends string>(names: readonly Name[]): Promise<Readonly<Record<Name, FoundPart>>>;
  /** The part, if it is here without downloading or compiling anything. */
  look(name: string): Promise<FoundPart | undefined>;
}

/** Where parts come from. */
export interface PartSources {
  readonly finders: readonly Finder[];
  readonly obtainer: Obtainer<Way>;
}

/** Raised when parts cannot be had on this machine. */
export class PartsError extends Error {
  override readonly name = 'PartsError';
}

/** {@link Parts} of this machine. */
export const createParts = (environment: SandboxEnvironment, progress: Progress): Parts =>
  createPartsFrom({ finders: createFinders(environment), obtainer: createObtainer({ environment, progress }) });

/** {@link Parts} from sources of the caller's choice. */
export function createPartsFrom(sources: PartSources): Parts {
  return {
    look: (name) => lookUp(partNamed(name), sources, () => {}),
    get: async <Name extends string>(names: readonly Name[]) => {
      const outcomes = await Promise.all(names.map((name) => resolvePart(partNamed(name), sources)));
      const problems = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.problem]));
      if (problems.length > 0) throw new PartsError(problems.join('\n'));
      const found = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.part] : []));
      return Object.fromEntries(found.map((part) => [part.name, part])) as Record<Name, FoundPart>;
    },
  };
}

type Resolution = { readonly ok: true; readonly part: FoundPart } | { readonly ok: false; readonly problem: string };

/**
 * Ready-made programs win, then what the cache holds, then each way of getting the part in its order; a way that fails
 * is no error while another one is left.
 */
export async function resolvePart(part: Part, sources: PartSources): Promise<Resolution> {
  const tried: string[] = [];
  const here = await lookUp(part, sources, (reason) => tried.push(reason));
  if (here !== undefined) return { ok: true, part: here };
  for (const way of part.ways) {
    try {
      return { ok: true, part: await sources.obtainer.obtain(part, way) };
    } catch (error) {
      tried.push(`${sources.obtainer.describe(way)}: ${messageOf(error)}`);
    }
  }
  return { ok: false, problem: explain(part, tried) };
}

async function lookUp(
  part: Part,
  { finders, obtainer }: PartSources,
  reject: (reason: string) => void,
): Promise<FoundPart | undefined> {
  for (const finder of finders) {
    const found = await finder.find(part, reject);
    if (found !== undefined) return found;
  }
  for (const way of part.ways) {
    const found = await obtainer.cached(part, way);
    if (found !== undefined) return found;
  }
  return undefined;
}

function explain(part: Part, tried: readonly string[]): string {
  const reasons = tried.map((reason) => `  - ${reason}`).join('\n');
  return `part '${part.name}' (${part.purpose}) cannot be had on this machine. Tried:
${reasons}
  What would help: put a program '${part.program}' on PATH, or name it in ${variableOf(part)}.`;
}
