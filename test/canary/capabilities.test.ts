/**
 * The table of capabilities against what is specified: the matrix of provider and strategy (routers/README.md section 3) and
 * the pages of the providers. Typed from there, apart from the code; where ours differs it stands beside it, with the reason.
 */
import test from 'ava';
import { capabilitiesOf } from '../../canary/capabilities.ts';
import type { Capabilities } from '../../canary/capabilities.ts';
import { providers } from '../../canary/spec.ts';
import type { Provider } from '../../canary/spec.ts';

const columns = [
  'Canary weights',
  'A/B header',
  'A/B query',
  'A/B cookie',
  'Mirror in canary',
  'Mirror in B/G',
  'Mirror %',
  'Affinity',
  'Sticky primary',
  'TCP',
] as const;
type Column = (typeof columns)[number];

/** The matrix without its remarks. `Blue/green` and `Restores on delete`, which every provider has, are left out. */
const matrix: { readonly [P in Provider]?: string } = {
  'gatewayapi:v1': 'Y | exact, regex | exact, regex | header regex | – | Y | – | Y | Y | –',
  'gatewayapi:v1beta1': 'Y | exact, regex | exact, regex | header regex | – | Y | – | Y | – | –',
  kuma: 'Y | exact, prefix, regex, present, absent | exact, regex | header regex | Y | Y | Y | – | – | Y',
  knative: 'Y | – | – | – | – | – | – | – | – | –',
  kubernetes: '– | – | – | – | – | – | – | – | – | any',
};

/** Rows of the matrix that wait for their router, or never get one. */
const withoutRouter: readonly Provider[] = [
  ...(['istio', 'linkerd', 'smi:v1alpha1', 'smi:v1alpha2', 'smi:v1alpha3', 'osm'] as const),
  ...(['appmesh', 'appmesh:v1beta2', 'contour', 'gloo', 'nginx', 'skipper', 'traefik', 'apisix'] as const),
];

/** What the table says instead, and why. */
type Decisions = Partial<Record<Column, readonly [ours: string, why: string]>>;

const escaped = 'gatewayapi.md, Ours: prefix and suffix become an escaped RegularExpression';
const ofGatewayApi: Decisions = {
  'A/B header': ['exact, prefix, suffix, regex', escaped],
  'A/B query': ['exact, prefix, suffix, regex', escaped],
};

const decisions: { readonly [P in Provider]?: Decisions } = {
  'gatewayapi:v1': ofGatewayApi,
  'gatewayapi:v1beta1': {
    ...ofGatewayApi,
    'Sticky primary': ['Y', 'gatewayapi.md, Ours: sticky primary for both versions'],
  },
  kuma: {
    'A/B header': ['exact, prefix, suffix, regex, present, absent', 'kuma.md 7.2: suffix becomes a RegularExpression'],
    'A/B query': ['exact, prefix, regex', 'kuma.md 7.2: prefix becomes a RegularExpression'],
    TCP: ['–', 'kuma.md 7.3, Validation: refused until there is a MeshTCPRoute, the second phase of the matrix'],
  },
};

/** A row of the table in the words of the matrix. */
function rowOf(can: Capabilities): Record<Column, string> {
  const yes = (has: boolean): string => (has ? 'Y' : '–');
  const kinds = (all: readonly string[]): string => (all.length === 0 ? '–' : all.join(', '));
  return {
    'Canary weights': yes(can.weights),
    'A/B header': kinds([...can.headers, ...(can.withoutHeaders.length > 0 ? ['absent'] : [])]),
    'A/B query': kinds(can.queryParams),
    'A/B cookie': can.headers.includes('regex') ? 'header regex' : '–',
    'Mirror in canary': yes(can.mirror === 'any'),
    'Mirror in B/G': yes(can.mirror !== 'never'),
    'Mirror %': yes(can.mirrorWeight),
    Affinity: yes(can.sessionAffinity),
    'Sticky primary': yes(can.sessionAffinity),
    TCP: can.appProtocols === 'any' ? 'any' : '–',
  };
}

const specified = Object.entries(matrix) as [Provider, string][];

for (const [provider, text] of specified) {
  test(`${provider}: the table says what the matrix says, but for what was decided otherwise`, (t) => {
    const cells = text.split(' | ');
    t.is(cells.length, columns.length);
    const row = Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
    const decided = Object.entries(decisions[provider] ?? {}).map(([column, [ours]]): [string, string] => [
      column,
      ours,
    ]);
    for (const [column, ours] of decided) t.not(row[column], ours, `${column}: nothing is decided otherwise any more`);
    const can = capabilitiesOf(provider);
    t.deepEqual<unknown, unknown>(can && rowOf(can), { ...row, ...Object.fromEntries(decided) });
  });
}

test('every provider stands in the matrix, and those without a router have no row in the table', (t) => {
  const dialects: readonly Provider[] = ['kuma:v2', 'kuma:v3'];
  const all = [...specified.map(([provider]) => provider), ...dialects, ...withoutRouter];
  t.deepEqual(all.toSorted(), [...providers].toSorted());
  for (const dialect of dialects) t.is(capabilitiesOf(dialect), capabilitiesOf('kuma'));
  for (const provider of withoutRouter) t.is(capabilitiesOf(provider), undefined, provider);
});

/** What the pages of the providers say beside the matrix. */
const pages: { readonly [P in Provider]?: Partial<Capabilities> } = {
  // gatewayapi.md: inputs, match translation. "mirrorWeight is written where the API version has it, elsewhere a value other
  // than 100 is refused" is kept by refusing it everywhere: a gateway that does not know the percentage copies everything.
  'gatewayapi:v1': {
    uri: ['exact', 'prefix', 'suffix', 'regex'],
    method: ['exact'],
    withoutHeaders: [],
    cors: true,
    mirrorWeight: false,
  },
  'gatewayapi:v1beta1': {
    uri: ['exact', 'prefix', 'suffix', 'regex'],
    method: ['exact'],
    withoutHeaders: [],
    cors: false,
    mirrorWeight: false,
  },
  // kuma.md sections 7.2 and 7.3.
  kuma: {
    uri: ['exact', 'prefix', 'regex'],
    method: ['exact'],
    withoutHeaders: ['present'],
    appProtocols: ['http', 'http2', 'grpc'],
    headless: false,
    cors: false,
  },
  // knative.md: the route is the target itself. kubernetes.md: anything that routes to the apex Service.
  knative: { uri: [], method: [], cors: false },
  kubernetes: { uri: [], method: [], appProtocols: 'any', headless: true },
};

for (const [provider, page] of Object.entries(pages) as [Provider, Partial<Capabilities>][]) {
  test(`${provider}: the table says what the page of the provider says`, (t) => {
    t.like(capabilitiesOf(provider), page);
  });
}

/** Fields of `spec.service` that the pages answer with a warning, and those that we do, too: for a reason. */
const ignored: {
  readonly [P in Provider]?: { readonly page: readonly string[]; readonly ours: Record<string, string> };
} = {
  'gatewayapi:v1': { page: [], ours: {} },
  'gatewayapi:v1beta1': { page: ['timeout', 'backendTimeout', 'corsPolicy'], ours: {} },
  kuma: {
    page: ['timeout', 'retries', 'corsPolicy', 'gateways', 'gatewayRefs', 'hosts'],
    ours: {
      backendTimeout: 'as timeout',
      // kuma.md 7.2 wants a RequestMirror of it.
      mirror:
        'on 2.x a mirror whose Service has no ready pod keeps all clients from new configuration (kuma.md section 2)',
    },
  },
};

const ofIstio = ['gateways', 'delegation', 'trafficPolicy', 'retries'];

for (const [provider, fields] of Object.entries(ignored)) {
  test(`${provider}: fields that do nothing are those of its page, those of Istio, and those with a reason`, (t) => {
    const expected = new Set([...ofIstio, ...fields.page, ...Object.keys(fields.ours)]);
    t.deepEqual(capabilitiesOf(provider as Provider)?.ignoredServiceFields.toSorted(), [...expected].toSorted());
  });
}
