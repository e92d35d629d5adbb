import test from 'ava';
import { routeProblems } from '../../canary/validate-route.ts';
import { aCanary, type CanaryOptions } from '../support/a-canary.ts';

const abTest = (match: object): Record<string, unknown> => ({ iterations: 3, match: [match] });
const beta = { headers: { 'x-cohort': { exact: 'beta' } } };

const fine: readonly (readonly [string, CanaryOptions])[] = [
  ['a cohort by header', { analysis: abTest(beta) }],
  [
    'a prefix rewrite of prefixes',
    { service: { match: [{ uri: { prefix: '/a' } }], rewrite: { uri: '/b', type: 'ReplacePrefixMatch' } } },
  ],
  ['a prefix rewrite of everything', { service: { rewrite: { uri: '/b', type: 'ReplacePrefixMatch' } } }],
  [
    'a regular path of cohort and service',
    { service: { match: [{ uri: { regex: '/a.*' } }] }, analysis: abTest({ ...beta, uri: { regex: '/a/b' } }) },
  ],
  [
    'a cohort of every path, which says nothing of it',
    {
      service: { match: [{ uri: { prefix: '/api' } }] },
      analysis: abTest({ ...beta, uri: { prefix: '/' } }),
    },
  ],
  ['any match without a route', { spec: { provider: 'kubernetes' }, analysis: abTest({ uri: { prefix: '/' } }) }],
];

for (const [title, options] of fine) {
  test(`${title} can be carried out`, (t) => {
    t.deepEqual(routeProblems(aCanary(options)), []);
  });
}

const refused: readonly (readonly [string, CanaryOptions, RegExp])[] = [
  [
    'a cohort that is everybody',
    { analysis: abTest({ uri: { prefix: '/' } }) },
    /^spec\.analysis\.match: expected a condition that/,
  ],
  [
    'a cohort that repeats the service',
    { service: { match: [beta] }, analysis: abTest(beta) },
    /^spec\.analysis\.match: expected a condition that/,
  ],
  [
    'a prefix rewrite of an exact path',
    { service: { match: [{ uri: { exact: '/a' } }], rewrite: { uri: '/b', type: 'ReplacePrefixMatch' } } },
    /^spec\.service\.rewrite\.type: ReplacePrefixMatch needs uri\.prefix/,
  ],
  [
    'a regular path of a cohort that a prefix would win over',
    { analysis: abTest({ ...beta, uri: { regex: '/a/.*' } }) },
    /^spec\.analysis\.match: uri\.regex never wins/,
  ],
  [
    'a header that is set and removed',
    { service: { headers: { request: { set: { 'X-A': '1' }, remove: ['x-a'] } } } },
    /^spec\.service\.headers\.request: expected one of set, add, remove for header 'x-a'/,
  ],
];

for (const [title, options, message] of refused) {
  test(`${title} is refused`, (t) => {
    const problems = routeProblems(aCanary(options));
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', message);
  });
}
