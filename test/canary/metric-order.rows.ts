import { answers, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { value } = answers;

const templateRef = { name: 'latency', namespace: 'metrics' };
const rate = { name: 'request-success-rate', thresholdRange: { min: 99, max: 99.95 } };
const inline = { name: 'errors', query: 'sum(errors)', thresholdRange: { min: 0.0001 } };
const template = { name: 'lag', templateRef, thresholdRange: { min: 1 } };
const bare = { name: 'nothing-to-ask', thresholdRange: { max: 1 } };

const key = {
  rate: 'queryMetric builtin request-success-rate',
  inline: 'queryMetric query errors',
  template: 'queryMetric template lag',
} as const;
const halted = 'Halt podinfo.test advancement';

const orderRows: readonly Row[] = [
  {
    title: 'a metric without query and template fails in the order of the list, among the templates',
    canary: inPhase('Progressing', { weight: 10, analysis: { metrics: [bare, template], webhooks: [] } }),
    facts: { [key.template]: value(0) },
    asks: [...repairs('90/10'), key.template],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: ['Metric query failed for no usable metrics template and query were configured'],
    },
  },
  {
    title: 'a failing template before it is told first',
    canary: inPhase('Progressing', { weight: 10, analysis: { metrics: [template, bare], webhooks: [] } }),
    facts: { [key.template]: value(0) },
    asks: [...repairs('90/10'), key.template],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: [`${halted} lag 0.00 < 1`],
    },
  },
  {
    title: 'built-in and inline queries are judged before templates, wherever they stand in the list',
    canary: inPhase('Progressing', { weight: 10, analysis: { metrics: [template, inline], webhooks: [] } }),
    facts: { [key.template]: value(0), [key.inline]: value(0) },
    asks: [...repairs('90/10'), `${key.inline} + ${key.template}`],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: [`${halted} errors 0.00 < 0.0001`],
    },
  },
  {
    title: 'one entry with a built-in name, a query and a template makes three checks',
    canary: inPhase('Progressing', {
      weight: 10,
      analysis: { metrics: [{ ...rate, query: 'up', templateRef }], webhooks: [] },
    }),
    facts: { [key.rate]: value(99.9), 'queryMetric query request-success-rate': value(99.9) },
    asks: [
      ...repairs('90/10'),
      `${key.rate} + queryMetric query request-success-rate + queryMetric template request-success-rate`,
    ],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: [`${halted} request-success-rate 100.00 > 99.95`],
    },
  },
];

export const metricOrder: Table = { about: 'Metrics: in which order they are judged', rows: orderRows };
