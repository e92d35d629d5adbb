import { z } from 'zod';

/** The environment of a process: `process.env` in a main. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigProblem {
  name: string;
  expected: string;
  /** The value in quotes, `nothing`, or `(hidden)` for a secret. */
  got: string;
  /** What the variable is for, when the schema describes it. */
  purpose: string | undefined;
}

/** All problems of an environment at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ name, expected, got, purpose }) =>
        `  ${name}${purpose === undefined ? '' : ` (${purpose})`}: expected ${expected}, got ${got}`,
    );
    const count = problems.length === 1 ? 'a variable is' : `${problems.length} variables are`;
    super(
      `${count} not as expected; set or correct in the environment of this process and start it again:\n${lines.join('\n')}`,
    );
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
export function loadConfig<Shape extends z.ZodRawShape>(source: ConfigSource<Shape>): z.output<z.ZodObject<Shape>> {
  const { schema, env } = source;
  const present = Object.keys(schema.shape).flatMap((name) => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  const parsed = schema.safeParse(Object.fromEntries(present));
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => problemOf(source, issue)));
}

/** Runs checks of values that {@link loadConfig} has read. Throws one ConfigError with the problems of all of them. */
export function checkTogether(...checks: readonly (() => unknown)[]): void {
  const problems = checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

function problemOf<Shape extends z.ZodRawShape>(source: ConfigSource<Shape>, issue: z.core.$ZodIssue): ConfigProblem {
  const name = String(issue.path[0] ?? '');
  const field = source.schema.shape[name];
  return {
    name,
    expected: issue.message,
    got: shownValue(source, name),
    purpose: field === undefined ? undefined : z.globalRegistry.get(field)?.description,
  };
}

function shownValue<Shape extends z.ZodRawShape>({ env, secrets = [] }: ConfigSource<Shape>, name: string): string {
  const value = env[name]?.trim();
  if (value === undefined || value === '') return 'nothing';
  if (secrets.includes(name)) return '(hidden)';
  // It is not what it should be, so that everything up to the last @ may be a password.
  return `'${value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1(hidden)@')}'`;
}
