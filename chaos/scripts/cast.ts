/** Which canary plays which script: seed → the cast. Pure. */
import { createDice } from '../dice.ts';
import { strategies } from '../world/objects.ts';
import type { Place, Strategy } from '../world/objects.ts';

export const scriptNames = [
  'weighted',
  'ab-testing',
  'blue-green',
  'refused',
  'gated',
  'twice',
  'config',
  'edited',
  'deleted',
] as const;
export type ScriptName = (typeof scriptNames)[number];

/** One Canary and what its user does with it; a script that deletes it goes on with another role. */
export interface Role {
  readonly place: Place;
  readonly script: ScriptName;
  readonly strategy: Strategy;
  readonly intervalMs: number;
}

export interface CastOptions {
  readonly seed: number;
  readonly canaries: number;
}

/** Milliseconds. */
const intervals = [2_000, 3_000, 4_000, 5_000] as const;
const canariesPerNamespace = 20;

/** Every script has its turn; intervals by chance. */
export function castOf({ seed, canaries }: CastOptions): readonly Role[] {
  const dice = createDice(seed);
  return Array.from({ length: canaries }, (_, index) => {
    const script = scriptNames[index % scriptNames.length] ?? 'weighted';
    const namespace = `team-${Math.floor(index / canariesPerNamespace) + 1}`;
    const place = { namespace, name: `${script}-${index + 1}` };
    return { place, script, strategy: strategyOf(script), intervalMs: dice.pick(intervals) };
  });
}

function strategyOf(script: ScriptName): Strategy {
  if (script === 'ab-testing' || script === 'blue-green') return strategies[script];
  return strategies.weights;
}

/** The next life of a Canary that was deleted has a name of its own, so that nothing of the last one is taken for its own. */
export const reborn = (role: Role, life: number): Role => ({
  ...role,
  place: { ...role.place, name: `${role.place.name.replace(/-life-\d+$/, '')}-life-${life}` },
});
