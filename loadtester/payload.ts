import { z } from 'zod';

/** What a webhook sends. Absent texts are empty, absent metadata is an empty map. */
export interface Payload {
  readonly name: string;
  readonly namespace: string;
  readonly phase: string;
  readonly checksum: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ParsedPayload =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly problem: string };

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const payloadSchema = z.object({
  name: text,
  namespace: text,
  phase: text,
  checksum: text,
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {}),
});

const EXPECTED = 'expected a JSON object {"name", "namespace", "phase", "checksum", "metadata"} as the request body';

/**
 * Reads a request body. Unknown fields are ignored and absent ones are empty, as the reference's receivers do
 * (spec/webhooks.md section 2); a value of the wrong type is a problem, which says where it is.
 */
export function parsePayload(body: string): ParsedPayload {
  if (body.trim() === '') return refused('got an empty body');
  const json = parseJson(body);
  if (json instanceof SyntaxError) return refused(`got text that is not JSON: ${json.message}`);
  const result = payloadSchema.safeParse(json);
  if (result.success) return { ok: true, payload: result.data };
  return refused(result.error.issues.map(wordIssue).join('; '));
}

/** Is this metadata value one of the texts that mean true: 1, t, T, true, True, TRUE? Absent means false. */
export const isTrue = (value: string | undefined): boolean =>
  value !== undefined && /^(?:1|[tT]|true|True|TRUE)$/.test(value);

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    return error;
  }
}

const refused = (got: string): ParsedPayload => ({ ok: false, problem: `${EXPECTED}, ${got}` });

function wordIssue({ path, message }: { path: PropertyKey[]; message: string }): string {
  return path.length === 0 ? message : `at ${path.map(String).join('.')}: ${message}`;
}
