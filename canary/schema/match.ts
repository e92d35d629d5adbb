/** Schemas of request matches: items of `spec.service.match` and `spec.analysis.match`. Rules: canary-api.md sections 3 and 4. */
import { z } from 'zod';
import { isSet, present } from '../parse-fields.ts';
import type { RequestMatch, StringMatch } from '../spec.ts';
import { optionalFlag, optionalText, text, textMap, texts } from './fields.ts';

const objectOfOne = 'an object with one of exact, prefix, suffix, regex';

const kinds = {
  exact: optionalText.meta({ description: 'The value is this.' }),
  prefix: optionalText.meta({ description: 'The value begins with this.' }),
  regex: optionalText.meta({ description: 'The whole value matches this regular expression (RE2).' }),
};

/** At most one kind; none means that the name alone has to be there. */
const anyMatcher = z
  .object({ ...kinds, suffix: optionalText.meta({ description: 'The value ends with this.' }) }, { error: objectOfOne })
  .transform((match): StringMatch => present(match))
  .refine((match) => Object.keys(match).length <= 1, { error: 'at most one of exact, prefix, suffix, regex' })
  .meta({ admitted: { maxProperties: 1 } });

/** Where the reference's definition drops `suffix`, ours does too: a match of nothing else would mean something else. */
const matcher = z
  .looseObject(kinds, { error: objectOfOne })
  .transform((raw): unknown => raw)
  .pipe(anyMatcher)
  .meta({ admitted: { maxProperties: 1 } });

const matchMap = z.record(z.string(), matcher, { error: 'an object of matchers by name' }).optional();
const anyMatchMap = z.record(z.string(), anyMatcher, { error: 'an object of matchers by name' }).optional();

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

const sourceLabels = textMap.meta({
  description: 'Only requests of workloads with these labels. No router has this yet.',
});
const queryParams = matchMap.meta({ description: 'Query parameters by name.' });
const withoutHeaders = matchMap.meta({ description: 'Headers that the request may not have, by name.' });

const serviceMatch = z.looseObject(
  {
    name: text.optional().meta({ description: 'Label of this item, for readers.' }),
    uri: matcher.optional().meta({ description: 'Path of the request.' }),
    method: matcher.optional().meta({ description: 'HTTP method.' }),
    headers: matchMap.meta({ description: 'Headers by name.' }),
    queryParams,
    withoutHeaders,
    scheme: matcher.optional().meta({ description: 'Scheme of the URI. No router has this yet.' }),
    authority: matcher.optional().meta({ description: 'Host and port of the request. No router has this yet.' }),
    ignoreUriCase: optionalFlag.meta({
      description: 'Compare the path without regard to case. No router has this yet.',
    }),
    port: z
      .number({ error: 'an integer' })
      .int({ error: 'an integer' })
      .optional()
      .meta({ description: 'Port that is addressed. No router has this yet.' }),
    gateways: texts.meta({ description: 'Gateways that this item is for. No router has this yet.' }),
    sourceLabels,
    sourceNamespace: text.optional().meta({
      description: 'Only requests of workloads in this namespace. No router has this yet.',
    }),
  },
  { error: 'an object' },
);

const analysisMatch = z.looseObject(
  {
    uri: anyMatcher.optional().meta({ description: 'Path of the request.' }),
    method: anyMatcher.optional().meta({ description: 'HTTP method.' }),
    headers: anyMatchMap.meta({ description: 'Headers by name; a cookie is a regex on the header cookie.' }),
    queryParams,
    withoutHeaders,
    sourceLabels,
  },
  { error: 'an object' },
);

type WrittenMatch = {
  readonly [K in Exclude<keyof RequestMatch, 'unsupported'>]?: RequestMatch[K] | undefined;
} & Readonly<Record<string, unknown>>;

const toRequestMatch = (raw: WrittenMatch): RequestMatch =>
  present({
    uri: raw.uri,
    method: raw.method,
    headers: raw.headers,
    queryParams: raw.queryParams,
    withoutHeaders: raw.withoutHeaders,
    unsupported: inexpressible.filter((field) => isSet(raw[field])),
  });

export const serviceMatches = z
  .array(serviceMatch.transform(toRequestMatch), { error: 'a list of request matches' })
  .optional()
  .default([]);

export const analysisMatches = z
  .array(analysisMatch.transform(toRequestMatch), { error: 'a list of request matches' })
  .optional()
  .default([]);
