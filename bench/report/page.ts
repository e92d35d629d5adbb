/** docs/performance.md. */
import type { Results } from '../results.ts';
import type { Section } from './section.ts';
import { sectionsOf } from './sections.ts';

export function renderPage({ machine, measuredAt, measured }: Results): string {
  return [
    '# Performance',
    '',
    `Written by \`npm run bench -- --write\` from the newest run of each scenario (the last one at ${measuredAt}).`,
    '',
    `**The machine:** ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system};`,
    `Kubernetes ${machine.kubernetes}, Redis ${machine.redis}. Everything runs on it at once: kube-apiserver, etcd, Redis,`,
    'the scheduler, the workers, and the benchmark itself.',
    '',
    ...sectionsOf(measured).flatMap(sectionText),
  ].join('\n');
}

const sectionText = ({ title, about, figures }: Section): readonly string[] => [
  `## ${title}`,
  '',
  about,
  '',
  figures,
  '',
];
