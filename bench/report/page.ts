/** docs/performance.md and its pictures. */
import type { Origin, Results } from '../results.ts';
import { noKubernetes } from './machine.ts';
import { renderPlot } from './plot.ts';
import type { Picture, TitledSection } from './section.ts';
import { sectionsOf, titles } from './sections.ts';
import { fixed } from './table.ts';
import { targetTable } from './targets.ts';

/** A text file, by its path from the folder of the pages. */
export interface PageFile {
  readonly path: string;
  readonly text: string;
}

/** The page, as it is before it is formatted, and its pictures. */
export interface Page {
  readonly path: string;
  readonly markdown: string;
  readonly pictures: readonly PageFile[];
}

/** Its place among the pages. */
export const performancePage = 'performance.md';

const head = [
  '# Performance',
  '',
  'Written by `npm run bench -- --write`, section by section: each says when and on which machine it was measured, and may be',
  'older than the others. Everything runs on one machine at once: kube-apiserver, etcd, Redis, the scheduler, the workers, and',
  'the benchmark itself. Scheduler and workers have what a pod has, unless a section says otherwise: the heap that V8 takes',
  'within the memory limit of the manifests, 512 MiB, and a token for the API server.',
  '',
];

/** @param before the page as it stands: what was not measured here is kept as it is there */
export function renderPage({ origins, measured }: Results, before = ''): Page {
  const sections = sectionsOf(measured);
  const kept = sectionsIn(before);
  const written = new Map(sections.map((section) => [section.title, sectionText(section, origins[section.name])]));
  return {
    path: performancePage,
    markdown: [...head, ...Object.values(titles).flatMap((title) => written.get(title) ?? kept.get(title) ?? [])].join(
      '\n',
    ),
    pictures: sections
      .flatMap(({ pictures = [] }) => pictures)
      .map((picture) => ({ path: pathOf(picture), text: renderPlot(picture.plot) })),
  };
}

const pathOf = ({ name }: Picture): string => `pictures/${name}.svg`;

const heading = '## ';

/** Texts of a page by their titles. */
function sectionsIn(page: string): ReadonlyMap<string, string> {
  const [, ...texts] = `\n${page}`.split(`\n${heading}`);
  return new Map(texts.map((text) => [text.slice(0, text.indexOf('\n')), `${heading}${text}`]));
}

function originText({ machine, measuredAt }: Origin): string {
  const { processor, cores, memoryGiB, system, kubernetes, redis, jsonRoundTrips } = machine;
  const servers = [...(kubernetes === noKubernetes ? [] : [`Kubernetes ${kubernetes}`]), `Redis ${redis}`].join(', ');
  const speed =
    jsonRoundTrips === undefined
      ? ''
      : ` One core writes 10 kB of JSON and reads it again ${fixed(jsonRoundTrips)} times a second.`;
  return `Measured at ${measuredAt} on ${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}; ${servers}.${speed}`;
}

const sectionText = (section: TitledSection, origin: Origin | undefined): string => {
  const { title, about, targets = [], figures, pictures = [] } = section;
  return [
    `${heading}${title}`,
    '',
    about,
    '',
    ...(origin === undefined ? [] : [originText(origin), '']),
    ...(targets.length === 0 ? [] : [targetTable(targets), '']),
    figures,
    '',
    ...pictures.flatMap((picture) => [`![${picture.plot.title}](${pathOf(picture)})`, '']),
  ].join('\n');
};
