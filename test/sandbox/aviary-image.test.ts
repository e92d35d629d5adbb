import test from 'ava';
import { productionPackages } from '../../sandbox/aviary-image.ts';

test('the image holds what the project needs at run time: nested packages, peers, no development tools', (t) => {
  const lock = {
    packages: {
      '': { dependencies: { server: '1' }, devDependencies: { compiler: '1' } },
      'node_modules/server': {
        dependencies: { parser: '2' },
        peerDependencies: { logger: '1', compiler: '1' },
        peerDependenciesMeta: { compiler: { optional: true } },
      },
      'node_modules/server/node_modules/parser': { dependencies: { words: '1' } },
      'node_modules/parser': {},
      'node_modules/words': { optionalDependencies: { native: '1' } },
      'node_modules/native': {},
      'node_modules/logger': {},
      'node_modules/compiler': { dependencies: { parser: '1' } },
    },
  };
  t.deepEqual(productionPackages(JSON.stringify(lock)), [
    'node_modules/logger',
    'node_modules/native',
    'node_modules/server',
    'node_modules/server/node_modules/parser',
    'node_modules/words',
  ]);
});
