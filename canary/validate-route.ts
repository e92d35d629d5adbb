/** Requests and rewrites that a route can't tell apart or carry out, whatever its provider's matchers. */
import { isDeepStrictEqual } from 'node:util';
import type { Canary } from './canary.ts';
import type { HeaderOperations } from './spec.ts';
import { routeMatches } from './request-match.ts';

const isKuma = ({ spec }: Canary): boolean => spec.provider.startsWith('kuma');
const hasRoute = (canary: Canary): boolean => isKuma(canary) || canary.spec.provider.startsWith('gatewayapi');

/** One sentence per problem; rules: routers/kuma.md section 7.2. */
export function routeProblems(canary: Canary): readonly string[] {
  if (!hasRoute(canary)) return [];
  return [
    ...indistinctCohort(canary),
    ...prefixReplacement(canary),
    ...(isKuma(canary) ? [...losingRegex(canary), ...repeatedHeaders(canary)] : []),
  ];
}

/** A cohort that is everybody would send all users to the canary. */
function indistinctCohort(canary: Canary): readonly string[] {
  const { cohort, service } = routeMatches(canary);
  const isEverybody = cohort.some((one) => service.some((other) => isDeepStrictEqual(one, other)));
  return isEverybody
    ? [
        'spec.analysis.match: expected a condition that spec.service.match does not have, got one that all requests meet',
      ]
    : [];
}

function prefixReplacement(canary: Canary): readonly string[] {
  const { rewrite } = canary.spec.service;
  if (rewrite?.type !== 'ReplacePrefixMatch' || rewrite.uri === undefined) return [];
  const { cohort, service } = routeMatches(canary);
  const others = [...cohort, ...service].some(({ uri }) => uri?.prefix === undefined);
  return others
    ? ['spec.service.rewrite.type: ReplacePrefixMatch needs uri.prefix in every match, got another matcher or none']
    : [];
}

/** Kuma sorts rules by kind of path: a prefix wins over a regular expression, so the cohort would never be met. */
function losingRegex(canary: Canary): readonly string[] {
  const { cohort, service } = routeMatches(canary);
  const loses =
    cohort.some(({ uri }) => uri?.regex !== undefined) && service.some(({ uri }) => uri?.regex === undefined);
  return loses
    ? [
        'spec.analysis.match: uri.regex never wins over the prefix or exact path of spec.service.match: match a header too, and no uri',
      ]
    : [];
}

function repeatedHeaders({ spec }: Canary): readonly string[] {
  const of = (name: string, operations: HeaderOperations | undefined): readonly string[] => {
    const names = operations
      ? [...Object.keys(operations.set), ...Object.keys(operations.add), ...operations.remove].map((one) =>
          one.toLowerCase(),
        )
      : [];
    const repeated = names.find((one, index) => names.indexOf(one) !== index);
    return repeated === undefined
      ? []
      : [`spec.service.headers.${name}: expected one of set, add, remove for header '${repeated}', got more than one`];
  };
  return [...of('request', spec.service.requestHeaders), ...of('response', spec.service.responseHeaders)];
}
