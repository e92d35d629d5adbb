import type { z } from 'zod';

/** The environment of a process: `process.env` in a main. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigProblem {
  name: string;
  expected: string;
  /** The value as given, `nothing`, or `(hidden)` for a secret. */
  got: string;
}

/** All problems of an environment at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('configuration');
    this.problems = problems;
  }
}

export interface ConfigSource<Shape extends z.ZodRawShape> {
  /** One field per environment variable, under the variable's name. Build the fields with config-values.ts. */
  schema: z.ZodObject<Shape>;
  env: Environment;
  /** Names whose values are never shown. */
  secrets?: readonly (keyof Shape & string)[] | undefined;
}

/** Reads the variables of `schema`; an empty variable counts as absent. Throws ConfigError with every problem found. */
export function loadConfig<Shape extends z.ZodRawShape>(_source: ConfigSource<Shape>): z.output<z.ZodObject<Shape>> {
  throw new Error('the configuration is under construction');
}
