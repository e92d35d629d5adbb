/** Who hears of an alert. Specification of events and alerts, section 5. */
import type { Announcement, Canary } from '../../canary/canary.ts';
import type { AlertRef, Severity } from '../../canary/spec.ts';
import type { HttpSender } from '../../platform/http/http.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { deliveryId } from '../../queue/alert-job.ts';
import { alertFields } from './alert-fields.ts';
import type { Alert, Notifier } from './notifier.ts';
import { createAlertProviders } from './provider.ts';
import type { OpenAlertProvider } from './provider.ts';
import { createSlackNotifier } from './slack.ts';
import { messageOf } from '../../platform/error-message.ts';

export type AlertAnnouncement = Extract<Announcement, { kind: 'alert' }>;

/** One alert on its way to one receiver, so that a retry repeats no other. */
export interface Delivery {
  /** The same whenever the same alert of the same Canary is routed again. */
  readonly id: string;
  /**
   * @throws AlertSetupError when no retry will help; the Canary should get a Warning event with its message
   * @throws Error when the receiver did not take it: try again later
   */
  send(signal: AbortSignal): Promise<void>;
}

/** The operator's receiver for Canaries that name none. */
export interface GlobalSlack {
  /** Empty: no such receiver. */
  readonly slackUrl: string;
  readonly slackToken: string;
  /** Empty: no such receiver either. */
  readonly slackChannel: string;
  readonly slackUser: string;
  readonly slackProxy: string;
}

export interface AlertRouterOptions {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly http: HttpSender;
  readonly log: Logger;
  readonly global: GlobalSlack;
  /** Empty: not told. */
  readonly clusterName: string;
  /** Namespaces whose AlertProviders every Canary may use. */
  readonly openNamespaces: readonly string[];
}

/** Empty when nobody wants to hear of it. */
export type AlertRouter = (canary: Canary, announcement: AlertAnnouncement) => readonly Delivery[];

/** @throws Error when the global receiver's URL is unusable */
export function createAlertRouter(options: AlertRouterOptions): AlertRouter {
  const global = globalNotifier(options);
  const openProvider = createAlertProviders(options);
  return (canary, announcement) => {
    const alert = alertOf(canary, announcement, options.clusterName);
    const { alerts } = canary.spec.analysis;
    if (alerts.length > 0) return providerDeliveries(openProvider, { canary, announcement, alert });
    return global === undefined ? [] : [globalDelivery(global, announcement, alert)];
  };
}

function globalNotifier({ http, log, global }: AlertRouterOptions): Notifier | undefined {
  const { slackUrl: url, slackChannel: channel, slackUser: username, slackToken: token, slackProxy } = global;
  if (url === '') return undefined;
  if (channel === '') {
    log.warn({ expected: 'SLACK_CHANNEL beside SLACK_URL; no alert goes there' }, 'Notifier empty Slack channel');
    return undefined;
  }
  const notifier = createSlackNotifier({ http, url, channel, username, token, proxy: slackProxy || undefined });
  log.info({ receiver: new URL(url).origin }, 'notifications enabled');
  return notifier;
}

function alertOf(canary: Canary, { severity, message, withMetadata }: AlertAnnouncement, clusterName: string): Alert {
  const fields = alertFields(canary, withMetadata, clusterName);
  return { canary: canary.name, namespace: canary.namespace, severity, message, fields };
}

function globalDelivery(notifier: Notifier, { id }: AlertAnnouncement, alert: Alert): Delivery {
  return {
    id: deliveryId(id, 'global'),
    send: (signal) => sending("alert can't be sent", () => notifier.send(alert, signal)),
  };
}

interface Routed {
  readonly canary: Canary;
  readonly announcement: AlertAnnouncement;
  readonly alert: Alert;
}

/** In the order of `analysis.alerts`; the place there tells two entries for one provider apart. */
function providerDeliveries(open: OpenAlertProvider, { canary, announcement, alert }: Routed): Delivery[] {
  return canary.spec.analysis.alerts.flatMap((entry, place) => {
    if (!hears(entry, announcement.severity)) return [];
    const { name, namespace } = entry.providerRef;
    const send = async (signal: AbortSignal): Promise<void> => {
      const notifier = await open(canary, entry.providerRef, signal);
      await sending(`alert provider ${name}.${namespace} send error`, () => notifier.send(alert, signal));
    };
    return [{ id: deliveryId(announcement.id, String(place)), send }];
  });
}

const ranks: Readonly<Record<Severity, number>> = { info: 0, warn: 1, error: 2 };

const hears = (entry: AlertRef, severity: Severity): boolean => ranks[severity] >= ranks[entry.severity];

async function sending(words: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new Error(`${words}: ${messageOf(cause)}`, { cause });
  }
}
