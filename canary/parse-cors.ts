/**
 * `spec.service.corsPolicy` as an HTTPRoute can say it. The field has Istio's form, which allows more: what can't be
 * translated is a problem, never dropped. Rules: routers/gatewayapi.md.
 */
import { z } from 'zod';
import type { Canary } from './canary.ts';
import { parseGoDuration } from './go-duration.ts';
import { toProblem } from './parse-problems.ts';
import type { CanaryService } from './spec.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*'] as const;

/** Scheme, host and perhaps a port, as browsers send it; `*` may stand for a part of the host. */
const originForm = /^(\*|[a-z][a-z0-9+.-]*:\/\/[^:/?#\s]+(:\d{1,5})?)$/i;
const isOrigin = (value: unknown): value is string => typeof value === 'string' && originForm.test(value);

const origin = z.custom<string>(isOrigin, { error: 'an origin like https://shop.example.com, or *' });
const nothingElse = z.strictObject({ exact: origin });
const exactOrigin = z.custom<z.output<typeof nothingElse>>((value) => nothingElse.safeParse(value).success, {
  error: 'exact alone, with an origin like https://shop.example.com (an HTTPRoute knows no prefix and no regex)',
});
const names = z.array(z.string({ error: 'the name of a header' }), { error: 'a list of names of headers' });
const listed = { error: 'a list' };

const wholeSeconds = z
  .custom<string>((value) => typeof value === 'string' && secondsOf(value) >= 1, {
    error: 'a duration of at least 1s in h, m and s, like 24h',
  })
  .transform(secondsOf);

function secondsOf(text: string): number {
  return Math.trunc((parseGoDuration(text) ?? 0) / 1000);
}

const schema = z.strictObject(
  {
    allowOrigins: z.array(exactOrigin, listed).optional().default([]),
    allowOrigin: z.array(origin, listed).optional().default([]),
    allowMethods: z
      .array(z.enum(methods, { error: `one of ${methods.join(', ')}` }), listed)
      .optional()
      .default([]),
    allowHeaders: names.optional().default([]),
    exposeHeaders: names.optional().default([]),
    maxAge: wholeSeconds.optional(),
    allowCredentials: z.boolean({ error: 'true or false' }).optional().default(false),
  },
  { error: 'only allowOrigins, allowOrigin, allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials' },
);

/** Lists without repetitions. */
export interface CorsPolicy {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  /** Whether cookies go along. */
  readonly credentials: boolean;
  /** Seconds for which a browser may remember the answer; left out, the default of the API. */
  readonly maxAge?: number | undefined;
}

/** The policy of the Canary; undefined where it has none, or one that has to be refused. */
export function corsPolicyOf({ corsPolicy }: CanaryService): CorsPolicy | undefined {
  const parsed = schema.optional().safeParse(corsPolicy);
  if (parsed.data === undefined) return undefined;
  const { allowOrigins, allowOrigin, allowMethods, allowHeaders, exposeHeaders, maxAge, ...rest } = parsed.data;
  return {
    origins: unique([...allowOrigins.map(({ exact }) => exact), ...allowOrigin]),
    methods: unique(allowMethods),
    headers: unique(allowHeaders),
    exposed: unique(exposeHeaders),
    credentials: rest.allowCredentials,
    maxAge,
  };
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

/** One sentence for each part that an HTTPRoute can't say. */
export function corsProblems({ namespace, name, spec }: Canary): readonly string[] {
  const { corsPolicy } = spec.service;
  const written = { service: { corsPolicy } };
  const issues = schema.optional().safeParse(corsPolicy).error?.issues ?? [];
  return issues.map(({ path, message }) => {
    const issue = { path: ['service', 'corsPolicy', ...path], message };
    return toProblem(issue, written, `canary ${namespace}/${name}`).message;
  });
}
