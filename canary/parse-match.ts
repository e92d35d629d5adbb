/** Parses request matches: items of `spec.service.match` and `spec.analysis.match`. */
import { z } from 'zod';
import type { RequestMatch, StringMatch } from './spec.ts';
import { isSet, optionalText, present } from './parse-fields.ts';

const ambiguous = 'at most one of exact, prefix, suffix, regex';

const stringMatch = z
  .object(
    { exact: optionalText, prefix: optionalText, suffix: optionalText, regex: optionalText },
    { error: 'an object with one of exact, prefix, suffix, regex' },
  )
  .transform((match): StringMatch => present(match))
  .refine((match) => Object.keys(match).length <= 1, { error: ambiguous });

const matchMap = z.record(z.string(), stringMatch, { error: 'an object of matchers by name' }).optional();

/** Fields of the Istio-shaped match that none of our routers can express. `name` only labels the item. */
const inexpressible = [
  'sourceLabels',
  'sourceNamespace',
  'port',
  'gateways',
  'scheme',
  'authority',
  'ignoreUriCase',
] as const;

const requestMatch = z
  .looseObject(
    {
      uri: stringMatch.optional(),
      method: stringMatch.optional(),
      headers: matchMap,
      queryParams: matchMap,
      withoutHeaders: matchMap,
    },
    { error: 'an object' },
  )
  .transform(
    (raw): RequestMatch =>
      present({
        uri: raw.uri,
        method: raw.method,
        headers: raw.headers,
        queryParams: raw.queryParams,
        withoutHeaders: raw.withoutHeaders,
        unsupported: inexpressible.filter((field) => isSet(raw[field])),
      }),
  );

export const requestMatches = z.array(requestMatch, { error: 'a list of request matches' }).optional().default([]);
