import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { aviaryImage, aviarySandboxImage } from './aviary-image.ts';
import type { ImageDefinition } from './image/build.ts';
import type { ImageFile } from './image/file.ts';
import type { FoundPart } from './parts/part.ts';

/** An image of a program that is not ours, and the parts that it is made of. */
export interface ImageRecipe<Name extends string = string> {
  readonly parts: readonly Name[];
  define(part: (name: Name) => FoundPart): ImageDefinition;
}

const recipe = <Name extends string>(made: ImageRecipe<Name>): ImageRecipe<Name> => made;

const nobody = '65534:65534';

const program = (part: FoundPart, path: string): ImageFile => ({
  kind: 'program',
  path,
  from: part.program,
  libraries: part.libraries,
});

const applets =
  `ash awk base64 basename cat chmod chown clear cp cut date dd df dirname du echo env expr false find free
  grep gunzip gzip head hostname id ip kill killall less ln ls md5sum mkdir mktemp more mount mv nc netstat nslookup ping
  printf ps pwd readlink rm rmdir route sed seq sh sha256sum sleep sort stat tail tar tee telnet test time timeout top
  touch tr true uname uniq vi wc wget which whoami xargs yes`.split(/\s+/);

/** busybox under every name that scripts call it by. */
const shellFiles = (busybox: FoundPart): ImageFile[] => [
  program(busybox, '/bin/busybox'),
  ...applets.map((name): ImageFile => ({ kind: 'link', path: `/bin/${name}`, target: 'busybox' })),
];

/** What hooks of the story call: a shell, bash, curl and hey. */
const toolFiles = (part: (name: 'busybox' | 'bash' | 'curl' | 'hey') => FoundPart): ImageFile[] => [
  ...shellFiles(part('busybox')),
  program(part('bash'), '/bin/bash'),
  program(part('curl'), '/usr/bin/curl'),
  program(part('hey'), '/usr/bin/hey'),
];

function podinfo(part: FoundPart, tag: string, env: Readonly<Record<string, string>>): ImageDefinition {
  const folder = dirname(part.program);
  const optional = [
    { name: 'ui', path: '/home/app/ui' },
    { name: 'podcli', path: '/usr/local/bin/podcli' },
  ];
  const extras = optional.filter(({ name }) => existsSync(join(folder, name)));
  return {
    name: `sandbox.local/podinfo:${tag}`,
    layers: [
      [
        { kind: 'copy', path: '/home/app/podinfo', from: part.program },
        ...extras.map(({ name, path }): ImageFile => ({ kind: 'copy', path, from: join(folder, name) })),
      ],
    ],
    cmd: ['./podinfo'],
    workdir: '/home/app',
    user: '100:101',
    env: { PODINFO_UI_MESSAGE: tag, ...env },
  };
}

const podinfoRecipe = (tag: string, env: Readonly<Record<string, string>> = {}): ImageRecipe<'podinfo'> =>
  recipe({ parts: ['podinfo'], define: (part) => podinfo(part('podinfo'), tag, env) });

const slow = {
  PODINFO_RANDOM_DELAY: 'true',
  PODINFO_RANDOM_DELAY_MIN: '600',
  PODINFO_RANDOM_DELAY_MAX: '900',
  PODINFO_RANDOM_DELAY_UNIT: 'ms',
};

/** Images of the sandbox by short name; all but the project's own are called `sandbox.local/…`. */
export const imageRecipes = {
  /** `aviary:dev`: the project itself as it was built last. */
  aviary: recipe({
    parts: ['busybox', 'bash', 'curl', 'hey'],
    define: (part) => aviaryImage(toolFiles(part)),
  }),
  /** `aviary-sandbox:dev`: the same with the programs of the sandbox. */
  'aviary-sandbox': recipe({
    parts: ['busybox', 'bash', 'curl', 'hey'],
    define: (part) => aviarySandboxImage(toolFiles(part)),
  }),
  pause: recipe({
    parts: ['pause'],
    define: (part) => ({
      name: 'sandbox.local/pause:1',
      layers: [[program(part('pause'), '/pause')]],
      entrypoint: ['/pause'],
      user: nobody,
    }),
  }),
  coredns: recipe({
    parts: ['coredns'],
    define: (part) => ({
      name: 'sandbox.local/coredns:1',
      layers: [[program(part('coredns'), '/coredns')]],
      entrypoint: ['/coredns'],
      user: '0:0',
    }),
  }),
  tools: recipe({
    parts: ['busybox', 'bash', 'curl', 'hey'],
    define: (part) => ({ name: 'sandbox.local/tools:1', layers: [toolFiles(part)], cmd: ['/bin/sh'], user: nobody }),
  }),
  redis: recipe({
    parts: ['redis-server', 'busybox'],
    define: (part) => ({
      name: 'sandbox.local/redis:1',
      layers: [[...shellFiles(part('busybox')), program(part('redis-server'), '/usr/bin/redis-server')]],
      entrypoint: ['/usr/bin/redis-server'],
      user: nobody,
      workdir: '/tmp',
    }),
  }),
  prometheus: recipe({
    parts: ['prometheus'],
    define: (part) => ({
      name: 'sandbox.local/prometheus:1',
      layers: [[program(part('prometheus'), '/bin/prometheus')]],
      entrypoint: ['/bin/prometheus'],
      user: nobody,
      workdir: '/tmp',
    }),
  }),
  envoy: recipe({
    parts: ['envoy', 'busybox', 'nft'],
    define: (part) => ({
      name: 'sandbox.local/envoy:1',
      layers: [
        [
          ...shellFiles(part('busybox')),
          program(part('envoy'), '/usr/local/bin/envoy'),
          program(part('nft'), '/usr/local/bin/nft'),
        ],
      ],
      entrypoint: ['/usr/local/bin/envoy'],
      user: nobody,
      workdir: '/tmp',
    }),
  }),
  contour: recipe({
    parts: ['contour'],
    define: (part) => ({
      name: 'sandbox.local/contour:1',
      layers: [[program(part('contour'), '/bin/contour')]],
      entrypoint: ['/bin/contour'],
      user: nobody,
    }),
  }),
  /** The release that runs at first. */
  podinfo: podinfoRecipe('6.9.2'),
  /** A good new release: the same program under another tag. */
  'podinfo-next': podinfoRecipe('6.9.2-next'),
  /** A bad release: in a third of all seconds, requests are answered by status 400, 409 or 500. */
  'podinfo-errors': podinfoRecipe('6.9.2-errors', { PODINFO_RANDOM_ERROR: 'true' }),
  /** A bad release: it is ready, but every request takes 600 to 900 ms. */
  'podinfo-slow': podinfoRecipe('6.9.2-slow', slow),
} as const;

/** Short name of an image of the sandbox. */
export type ImageName = keyof typeof imageRecipes;
