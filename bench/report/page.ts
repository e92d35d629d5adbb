/** docs/performance.md and its pictures. */
import type { Results } from '../results.ts';
import { renderPlot } from './plot.ts';
import type { Picture, Section } from './section.ts';
import { sectionsOf } from './sections.ts';
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

export function renderPage({ machine, measuredAt, measured }: Results): Page {
  const sections = sectionsOf(measured);
  return {
    path: 'performance.md',
    markdown: [
      '# Performance',
      '',
      `Written by \`npm run bench -- --write\` from the newest run of each scenario (the last one at ${measuredAt}).`,
      '',
      `**The machine:** ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system};`,
      `Kubernetes ${machine.kubernetes}, Redis ${machine.redis}. Everything runs on it at once: kube-apiserver, etcd, Redis,`,
      'the scheduler, the workers, and the benchmark itself. Scheduler and workers have what a pod has: the heap that V8 takes',
      'within the memory limit of the manifests, 512 MiB, and a token for the API server.',
      '',
      ...sections.flatMap(sectionText),
    ].join('\n'),
    pictures: sections
      .flatMap(({ pictures = [] }) => pictures)
      .map((picture) => ({ path: pathOf(picture), text: renderPlot(picture.plot) })),
  };
}

const pathOf = ({ name }: Picture): string => `pictures/${name}.svg`;

const sectionText = ({ title, about, targets = [], figures, pictures = [] }: Section): readonly string[] => [
  `## ${title}`,
  '',
  about,
  '',
  ...(targets.length === 0 ? [] : [targetTable(targets), '']),
  figures,
  '',
  ...pictures.flatMap((picture) => [`![${picture.plot.title}](${pathOf(picture)})`, '']),
];
