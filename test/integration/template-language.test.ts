/** The template language beside the one that users wrote their queries in: Go's text/template. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import test from 'ava';
import fc from 'fast-check';
import { renderTemplate } from '../../worker/metrics/template.ts';
import { errors, texts, variables } from '../worker/metrics/template.rows.ts';

interface Answer {
  readonly text: string;
  readonly error: string;
}

const program = fileURLToPath(new URL('../../../test/integration/template-language/main.go', import.meta.url));

/** What Go makes of the templates, in their order. */
async function askGo(sources: readonly string[]): Promise<readonly Answer[]> {
  const go = spawn('go', ['run', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  go.stdin.end(JSON.stringify({ ...variables, sources }));
  const [answers, [code]] = await Promise.all([text(go.stdout), once(go, 'close')]);
  if (code !== 0) throw new Error(`go run ${program}: expected exit code 0, got ${code}`);
  return JSON.parse(answers) as readonly Answer[];
}

function ours(source: string): Answer {
  try {
    return { text: renderTemplate(source, variables), error: '' };
  } catch (error) {
    return { text: '', error: (error as Error).message };
  }
}

test('every template of the tables is rendered, or refused in the same words, as by Go', async (t) => {
  const sources = [texts, errors].flatMap((tables) => Object.values(tables).flatMap((rows) => Object.keys(rows)));
  const answers = await askGo(sources);
  sources.forEach((source, index) => t.deepEqual(ours(source), answers[index], source));
});

/** What users write between text and structures; some of it can't be rendered everywhere. */
const actions = [
  'rate(x[1m])',
  ' ',
  '\n',
  '{{ name }}',
  '{{- namespace -}}',
  '{{ variables.x }}',
  '{{ variables.missing }}',
  '{{ . }}',
  '{{ .x }}',
  '{{ $v }}',
  '{{ $v := name }}',
  '{{ $v = interval }}',
  '{{ break }}',
  '{{ continue }}',
  '{{ printf "%v/%q" name . }}',
  '{{ len . }}',
  '{{ index variables "a-b" | print }}',
];
const openings = [
  'if variables.empty',
  'if eq name "podinfo"',
  'if $v := variables',
  'with variables',
  'with $v := ""',
  'with name',
  'range 2',
  'range variables',
  'range $k, $v := variables',
  'range $v := 3',
].map((words) => `{{ ${words} }}`);
const middles = [
  '{{ else }}',
  '{{ else if true }}',
  '{{ else with name }}',
  '{{ else }}{{ else }}',
  '{{ else range 2 }}',
];

const { nodes } = fc.letrec<{ nodes: string; node: string }>((tie) => ({
  nodes: fc.array(tie('node'), { maxLength: 4 }).map((parts) => parts.join('')),
  node: fc.oneof(
    { depthSize: 'small' },
    { weight: 4, arbitrary: fc.constantFrom(...actions) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...openings), tie('nodes'), fc.option(fc.constantFrom(...middles)), tie('nodes'))
        .map(([opening, body, middle, otherwise]) => `${opening}${body}${middle ?? ''}${otherwise}{{ end }}`),
    },
    { weight: 1, arbitrary: fc.constantFrom(...openings, ...middles, '{{ end }}') },
  ),
}));

/** Of several mistakes each finds another one first: what counts is whether a template is read, and whether it is rendered. */
const roughly = ({ text: rendered, error }: Answer): Answer => ({ text: rendered, error: error.split(':')[0] ?? '' });

test('templates put together at random are rendered or refused as by Go', async (t) => {
  const seed = 20_261_126;
  const sources = fc.sample(nodes, { numRuns: 4_000, seed });
  const answers = (await askGo(sources)).map(roughly);
  sources.forEach((source, index) => t.deepEqual(roughly(ours(source)), answers[index], source));
  const rendered = answers.filter(({ error }) => error === '').length;
  t.log(`${sources.length} templates, ${rendered} of them rendered`);
  t.true(rendered > sources.length / 10, 'enough of them are right');
});
