import test from 'ava';
import { readEnvironment } from '../../sandbox/environment.ts';

test('folders that npm puts on the PATH are not searched for parts: a package may have a command called nft', (t) => {
  const { searchPath } = readEnvironment({ PATH: '/project/node_modules/.bin:/usr/bin:/opt/node_modules/npm/bin' });
  t.deepEqual(
    searchPath.filter((folder) => folder.includes('node_modules')),
    [],
  );
  t.true(searchPath.includes('/usr/bin'));
});
