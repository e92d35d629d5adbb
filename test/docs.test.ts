/** What the pages say, held against what is there: links, paths, commands, settings, reasons, names of tests. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';

const root = process.cwd();
const skipped = new Set(['node_modules', 'out', '.git']);

const text = (path: string): string => readFileSync(join(root, path), 'utf8');

function pagesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pagesBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = pagesBelow('.');

/** Examples are not links. */
const withoutCode = (page: string): string => page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

interface Link {
  readonly page: string;
  readonly words: string;
  readonly target: string;
}

/** Links to files and headings of the project; words may hold brackets, as titles of tests do. */
const linksOf = (page: string): readonly Link[] =>
  [...withoutCode(text(page)).matchAll(/\[((?:[^[\]\n]|\[[^[\]\n]*\])+)\]\(([^()\s]+)\)/g)]
    .map(([, words = '', target = '']) => ({ page, words, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));

const links = pages.flatMap(linksOf);

/** The path of a link's file from the root; the page itself for a bare anchor. */
function fileOf({ page, target }: Link): string {
  const [file = ''] = target.split('#');
  return file === '' ? page : relative(root, join(root, dirname(page), file));
}

/** As GitHub makes it of a heading's text. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set([...text(page).matchAll(/^#+ +(.+?) *$/gm)].map(([, heading = '']) => anchorOf(heading)));

function problemOf(link: Link): string | undefined {
  const file = fileOf(link);
  if (!existsSync(join(root, file))) return `${link.page}: ${link.target} does not exist`;
  const [, anchor] = link.target.split('#');
  if (anchor === undefined || anchorsOf(file).has(anchor)) return undefined;
  return `${link.page}: ${file} has no heading #${anchor}`;
}

test('every link in a page leads to a file and heading that exist', (t) => {
  t.true(pages.includes('README.md') && links.length > 80, 'the pages were found');
  t.deepEqual(
    links.map(problemOf).filter((problem) => problem !== undefined),
    [],
  );
});

const folders =
  /^(?:canary|queue|scheduler|worker|loadtester|console|platform|manifests|sandbox|bench|chaos|test|docs)\//;

/** Paths in backticks; patterns (`*`), places to fill in (`…`) and files that a reader is told to make are none. */
const pathsIn = (page: string): readonly string[] =>
  [...text(page).matchAll(/`([^`\s]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => folders.test(path) && !/[*…]|example(?=[./])/.test(path));

test('every path that a page names exists', (t) => {
  const named = pages.flatMap((page) => pathsIn(page).map((path) => ({ page, path })));
  t.true(named.length > 100, 'the paths were found');
  const missing = named.filter(({ path }) => !existsSync(join(root, path)));
  t.deepEqual(
    missing.map(({ page, path }) => `${page}: ${path}`),
    [],
  );
});

test('every command of npm that a page names exists', (t) => {
  const { scripts } = JSON.parse(text('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const named = pages.flatMap((page) =>
    [...text(page).matchAll(/\bnpm (?:run )?([a-z][\w:]*)/g)].map(([, script = '']) => ({ page, script })),
  );
  const known = new Set([...Object.keys(scripts), 'ci', 'install']);
  t.true(named.length > 5, 'the commands were found');
  t.deepEqual(
    named.filter(({ script }) => !known.has(script)).map(({ page, script }) => `${page}: npm run ${script}`),
    [],
  );
});

const settingsFiles = [
  'platform/kubernetes/cluster-settings.ts',
  'platform/http/proxy-settings.ts',
  'platform/redis/settings.ts',
  'platform/observability/tracing-settings.ts',
  'queue/queue-settings.ts',
  'scheduler/config.ts',
  'worker/config.ts',
  'console/settings.ts',
  'loadtester/settings.ts',
];

/** Fields of the schemas are called as the variables that they read. */
const settingsIn = (path: string): readonly string[] =>
  [...text(path).matchAll(/(?<=[\s{,])([A-Z][A-Z_]{3,}): [a-z]/g)].map(([, name = '']) => name);

test('every setting is in the tables of README or operations', (t) => {
  const named = new Set(settingsFiles.flatMap(settingsIn));
  for (const name of ['KUBECONFIG', 'REDIS_URL', 'TICK_INTERVAL', 'MESH_PROVIDER', 'BOARD_TOKEN', 'GATES']) {
    t.true(named.has(name), `${name} was found in the schemas`);
  }
  const tables = text('README.md') + text('docs/operations.md');
  t.deepEqual(
    [...named].filter((name) => !tables.includes(`\`${name}\``)),
    [],
  );
});

/** The words of a union that begins after `start`. */
function wordsAfter(path: string, start: string): readonly string[] {
  const [, rest = ''] = text(path).split(start);
  const [union = ''] = rest.split(';');
  return [...union.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
}

test('every reason of a condition is explained with the errors', (t) => {
  const problems = wordsAfter('canary/conditions.ts', 'readonly reason:');
  const others = [...text('canary/conditions.ts').matchAll(/reason: '(\w+)'/g)].map(([, reason = '']) => reason);
  const refusals = wordsAfter('canary/validate.ts', 'type RefusalReason =');
  t.true(problems.length > 3 && others.length > 0 && refusals.length > 2, 'the reasons were found');
  const page = text('docs/errors.md');
  t.deepEqual(
    [...problems, ...others, ...refusals].filter((reason) => !page.includes(`\`${reason}\``)),
    [],
  );
});

/** What the processes really serve is compared by test/integration/metrics-page.test.ts. */
test('the page of metrics has every metric of the code, and no other', (t) => {
  const sources = ['worker', 'scheduler', 'loadtester', 'platform'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const named = sources.flatMap((path) =>
    [...text(path).matchAll(/name: '((?:aviary|flagger)_[a-z_]+)'/g)].map(([, name = '']) => name),
  );
  t.true(named.length > 25, 'the metrics were found');
  const rows = [...text('docs/metrics.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name = '']) => name);
  t.deepEqual(rows.toSorted(), named.toSorted());
});

test('the differences from Flagger name tests that exist', (t) => {
  const named = linksOf('docs/differences-from-flagger.md').filter((link) => fileOf(link).startsWith('test/'));
  t.true(named.length > 40, 'the tests were found');
  const unescaped = (path: string): string => text(path).replaceAll(/\\(['"`])/g, '$1');
  const missing = named.filter((link) => !unescaped(fileOf(link)).includes(link.words));
  t.deepEqual(
    missing.map(({ words, target }) => `${target}: ${words}`),
    [],
  );
});

test('every decision has a number of its own, a row in the list and the three parts', (t) => {
  const files = readdirSync(join(root, 'docs/decisions')).filter((name) => name !== 'README.md');
  t.true(
    files.every((name) => statSync(join(root, 'docs/decisions', name)).isFile() && /^\d{4}-[\w-]+\.md$/.test(name)),
  );
  t.is(new Set(files.map((name) => name.slice(0, 4))).size, files.length);
  const list = text('docs/decisions/README.md');
  for (const name of files) {
    t.true(list.includes(`(${name})`), `${name} is in the list`);
    const page = text(join('docs/decisions', name));
    for (const part of ['## Context', '## Decision', '## Consequences'])
      t.true(page.includes(part), `${name}: ${part}`);
  }
});
