/** docs/providers.md: what each provider can do, as canary/capabilities.ts says it. */
import { capabilitiesOf, supportedProviders } from '../../canary/capabilities.ts';
import type { Capabilities, MatcherKind } from '../../canary/capabilities.ts';
import { providers } from '../../canary/spec.ts';
import type { Provider } from '../../canary/spec.ts';

type Cell = (can: Capabilities) => string;

const yes = (can: boolean): string => (can ? 'yes' : 'no');
const kinds = (all: readonly MatcherKind[]): string => (all.length === 0 ? 'no' : all.join(', '));
const mirrors: Record<Capabilities['mirror'], string> = {
  never: 'no',
  'blue-green': 'in Blue/Green',
  any: 'in Blue/Green, and before the first weight',
};

/** Every field of Capabilities but the last, which is a list of its own; one that is added has to be named here. */
const rows: Record<Exclude<keyof Capabilities, 'ignoredServiceFields'>, readonly [what: string, cell: Cell]> = {
  weights: ['traffic by weight', ({ weights }) => (weights ? 'yes' : 'Blue/Green only')],
  uri: ['match: `uri`', ({ uri }) => kinds(uri)],
  method: ['match: `method`', ({ method }) => kinds(method)],
  headers: ['match: `headers`', ({ headers }) => kinds(headers)],
  queryParams: ['match: `queryParams`', ({ queryParams }) => kinds(queryParams)],
  withoutHeaders: ['match: `withoutHeaders`', ({ withoutHeaders }) => kinds(withoutHeaders)],
  mirror: ['`analysis.mirror`', ({ mirror }) => mirrors[mirror]],
  mirrorWeight: ['`analysis.mirrorWeight`', ({ mirrorWeight }) => yes(mirrorWeight)],
  sessionAffinity: ['`analysis.sessionAffinity`', ({ sessionAffinity }) => yes(sessionAffinity)],
  appProtocols: ['`service.appProtocol`', ({ appProtocols: all }) => (typeof all === 'string' ? all : all.join(', '))],
  headless: ['`service.headless`', ({ headless }) => yes(headless)],
  cors: ['`service.corsPolicy`', ({ cors }) => (cors ? 'exact origins' : 'no')],
};

/** What a cell has to leave out. */
const notes: readonly string[] = [
  '`kuma` finds out by itself which dialect the cluster has; `kuma:v2` and `kuma:v3` say so. On Kuma 2.x requests are ' +
    'mirrored only where the Canary is annotated with `aviary.dev/mirror-on-kuma-2: "true"`: a mirrored Service without ' +
    'a ready pod keeps every client of the mesh from new configuration there. A mesh that has TrafficRoute only knows ' +
    'weights, and no matches and mirrors. Without a mirror Blue/Green goes on, and a run by weight is refused when it begins.',
  'On Kuma a Canary knows its own zone only: the same Service in another zone keeps what it has, and nobody is warned. A ' +
    '2.x that runs without inbound tags (experimental) is not served.',
  'An HTTPRoute can be carried out by many gateways; one that drops what the Canary asks for is warned about, as far as it says so.',
  'A/B testing takes what the provider can match; without any match it is refused. Blue/Green runs everywhere.',
  '`present` means `{}`: the name alone decides. `exact`, `prefix`, `suffix` and `regex` are the words of the Canary.',
];

/** Providers that share a row of the table of capabilities, in one column. */
function columns(): readonly { readonly names: readonly Provider[]; readonly can: Capabilities }[] {
  const found = new Map<Capabilities, Provider[]>();
  for (const provider of supportedProviders) {
    const can = capabilitiesOf(provider);
    if (can !== undefined) found.set(can, [...(found.get(can) ?? []), provider]);
  }
  return [...found].map(([can, names]) => ({ can, names }));
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const code = (name: string): string => `\`${name}\``;

export function providersPage(): string {
  const all = columns();
  const head = ['', ...all.map(({ names }) => names.map(code).join(', '))];
  const body = Object.values(rows).map(([what, cell]) => [what, ...all.map(({ can }) => cell(can))]);
  const ignored = all
    .filter(({ can }) => can.ignoredServiceFields.length > 0)
    .map(({ names, can }) => `- ${names.map(code).join(', ')}: ${can.ignoredServiceFields.map(code).join(', ')}`);
  const without = providers.filter((provider) => !supportedProviders.includes(provider));
  return [
    '# Providers',
    '',
    'What can be asked of each provider. Anything else is refused by its path (`ProviderUnsupported`), before traffic moves.',
    'Written by `npm run docs:providers` from [capabilities.ts](../canary/capabilities.ts), which is what refuses.',
    '',
    line(head),
    line(head.map(() => '---')),
    ...body.map(line),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
    '## Fields of `spec.service` that do nothing',
    '',
    'Setting one of these is answered with a Warning, for another provider would follow it.',
    '',
    ...ignored,
    '',
    '## Not served yet',
    '',
    `${without.map(code).join(', ')}.`,
    '',
  ].join('\n');
}
