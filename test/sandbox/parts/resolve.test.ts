import test from 'ava';
import type { Finder } from '../../../sandbox/parts/find.ts';
import type { Obtainer } from '../../../sandbox/parts/obtainer.ts';
import type { FoundPart, Part, Way } from '../../../sandbox/parts/part.ts';
import { createPartsFrom, PartsError, resolvePart } from '../../../sandbox/parts/resolve.ts';

const debian: Way = { kind: 'debian', packages: ['thing'], program: 'usr/bin/thing' };
const go: Way = { kind: 'go', module: 'thing', estimate: 1 };
const thing: Part = { name: 'thing', purpose: 'does things', program: 'thing', ways: [debian, go] };

const foundBy = (origin: string): FoundPart => ({ name: 'thing', path: '/x', program: '/x', libraries: [], origin });

interface Fakes {
  finders?: Finder[];
  cached?: Way['kind'][];
  obtainable?: Way['kind'][];
}

function fakes({ finders = [], cached = [], obtainable = [] }: Fakes) {
  const asked: string[] = [];
  const obtainer: Obtainer<Way> = {
    describe: ({ kind }) => `the ${kind} way`,
    cached: async (_part, { kind }) => (cached.includes(kind) ? foundBy(`cache of ${kind}`) : undefined),
    obtain: async (_part, { kind }) => {
      asked.push(kind);
      if (obtainable.includes(kind)) return foundBy(kind);
      throw new Error(`no ${kind} here`);
    },
  };
  return { asked, sources: { finders, obtainer } };
}

const finder = (origin: string | undefined): Finder => ({
  find: async () => (origin === undefined ? undefined : foundBy(origin)),
});

test('the first finder that has the part wins over later ones, the cache and every way of getting it', async (t) => {
  const { asked, sources } = fakes({
    finders: [finder(undefined), finder('KUBEBUILDER_ASSETS'), finder('PATH')],
    cached: ['debian'],
    obtainable: ['debian', 'go'],
  });
  t.like(await resolvePart(thing, sources), { ok: true, part: { origin: 'KUBEBUILDER_ASSETS' } });
  t.deepEqual(asked, []);
});

test('what the cache holds from any way is taken before anything is fetched or compiled', async (t) => {
  const { asked, sources } = fakes({ cached: ['go'], obtainable: ['debian'] });
  t.like(await resolvePart(thing, sources), { ok: true, part: { origin: 'cache of go' } });
  t.deepEqual(asked, []);
});

test('ways are tried in their order and a way that fails is no error while another one succeeds', async (t) => {
  const { asked, sources } = fakes({ obtainable: ['go'] });
  t.like(await resolvePart(thing, sources), { ok: true, part: { origin: 'go' } });
  t.deepEqual(asked, ['debian', 'go']);
});

test('a part that cannot be had says which it is, what was tried and what would help', async (t) => {
  const rejecting: Finder = {
    find: async (_part, reject) => {
      reject('/usr/bin/thing: expected v2, got v1');
      return undefined;
    },
  };
  const resolution = await resolvePart(thing, fakes({ finders: [rejecting] }).sources);
  t.false(resolution.ok);
  const problem = resolution.ok ? '' : resolution.problem;
  t.regex(problem, /part 'thing' \(does things\)/);
  t.regex(problem, /expected v2, got v1/);
  t.regex(problem, /the debian way: no debian here/);
  t.regex(problem, /the go way: no go here/);
  t.regex(problem, /AVIARY_PART_THING/);
});

test('every part that cannot be had is named, not only the first', async (t) => {
  const parts = createPartsFrom(fakes({}).sources);
  const error = await t.throwsAsync(parts.get(['etcd', 'hey']), { instanceOf: PartsError });
  t.regex(error.message, /part 'etcd'/);
  t.regex(error.message, /part 'hey'/);
});

test('a name that is no part is refused with the list of parts', async (t) => {
  const parts = createPartsFrom(fakes({}).sources);
  await t.throwsAsync(parts.get(['docker']), { message: /part 'docker': expected one of etcd, / });
});
