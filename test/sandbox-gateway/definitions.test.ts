import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readEnvironment } from '../../sandbox/environment.ts';
import { gatewayDefinitions, pinnedVersion } from '../../sandbox/gateway/definitions.ts';
import { temporaryFolder } from '../sandbox/temporary-folder.ts';

const goMod = `module example.test/thing

require example.test/direct v1.2.3

require (
	example.test/other v0.1.0 // indirect
	example.test/other/v2 v2.0.0
)
`;

test('the version of a module is read from a line of its own and from a block', (t) => {
  t.is(pinnedVersion(goMod, 'example.test/direct'), 'v1.2.3');
  t.is(pinnedVersion(goMod, 'example.test/other'), 'v0.1.0');
  t.is(pinnedVersion(goMod, 'example.test/other/v2'), 'v2.0.0');
});

test('a module that is not required is named in the error', (t) => {
  t.throws(() => pinnedVersion(goMod, 'example.test/absent'), {
    message: /go\.mod: expected a version of example\.test\/absent/,
  });
});

test('definitions that the cache holds need no Go', async (t) => {
  const cache = await temporaryFolder(t);
  const pins = await readFile(join(process.cwd(), 'sandbox', 'go', 'contour', 'go.mod'), 'utf8');
  const contour = pinnedVersion(pins, 'github.com/projectcontour/contour');
  const gatewayApi = pinnedVersion(pins, 'sigs.k8s.io/gateway-api');
  const directory = join(cache, 'definitions', `contour-${contour}-gateway-api-${gatewayApi}`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'b.yaml'), 'second');
  await writeFile(join(directory, 'a.yaml'), 'first');
  t.deepEqual(await gatewayDefinitions(readEnvironment({ AVIARY_CACHE: cache, PATH: cache })), ['first', 'second']);
});

test('without Go the error says what is missing, and the cache keeps nothing half', async (t) => {
  const cache = await temporaryFolder(t);
  const environment = readEnvironment({ AVIARY_CACHE: cache, PATH: cache });
  await t.throwsAsync(gatewayDefinitions(environment), { message: /Gateway API .*: expected Go on PATH/ });
  await t.throwsAsync(gatewayDefinitions(environment), { message: /expected Go on PATH/ });
});
