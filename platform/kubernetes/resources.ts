/** Where a kind of object lives in the Kubernetes API. */
export interface Resource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Names a resource; use it for kinds that are only known at run time (a CRD's version read from the cluster). */
export const resource = (descriptor: Resource): Resource => Object.freeze({ ...descriptor });

/** `apps/v1`, or `v1` for the core group: what an object of this resource carries in `apiVersion`. */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

const inNamespaces = (apiVersion: string, plural: string, kind: string): Resource =>
  resource({ ...groupAndVersion(apiVersion), plural, kind, namespaced: true });

const clusterWide = (apiVersion: string, plural: string, kind: string): Resource =>
  resource({ ...groupAndVersion(apiVersion), plural, kind, namespaced: false });

function groupAndVersion(apiVersion: string): Pick<Resource, 'group' | 'version'> {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

export const deployments = inNamespaces('apps/v1', 'deployments', 'Deployment');
export const daemonSets = inNamespaces('apps/v1', 'daemonsets', 'DaemonSet');
export const services = inNamespaces('v1', 'services', 'Service');
export const endpointSlices = inNamespaces('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice');
export const configMaps = inNamespaces('v1', 'configmaps', 'ConfigMap');
export const secrets = inNamespaces('v1', 'secrets', 'Secret');
export const events = inNamespaces('v1', 'events', 'Event');
export const pods = inNamespaces('v1', 'pods', 'Pod');
export const namespaces = clusterWide('v1', 'namespaces', 'Namespace');
export const horizontalPodAutoscalers = inNamespaces(
  'autoscaling/v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
);
export const scaledObjects = inNamespaces('keda.sh/v1alpha1', 'scaledobjects', 'ScaledObject');
export const customResourceDefinitions = clusterWide(
  'apiextensions.k8s.io/v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
);

export const canaries = inNamespaces('flagger.app/v1beta1', 'canaries', 'Canary');
export const metricTemplates = inNamespaces('flagger.app/v1beta1', 'metrictemplates', 'MetricTemplate');
export const alertProviders = inNamespaces('flagger.app/v1beta1', 'alertproviders', 'AlertProvider');

export const httpRoutesV1 = inNamespaces('gateway.networking.k8s.io/v1', 'httproutes', 'HTTPRoute');
export const httpRoutesV1beta1 = inNamespaces('gateway.networking.k8s.io/v1beta1', 'httproutes', 'HTTPRoute');
export const knativeServices = inNamespaces('serving.knative.dev/v1', 'services', 'Service');
export const knativeRevisions = inNamespaces('serving.knative.dev/v1', 'revisions', 'Revision');
export const meshHttpRoutes = inNamespaces('kuma.io/v1alpha1', 'meshhttproutes', 'MeshHTTPRoute');
export const trafficRoutes = clusterWide('kuma.io/v1alpha1', 'trafficroutes', 'TrafficRoute');
export const meshServices = inNamespaces('kuma.io/v1alpha1', 'meshservices', 'MeshService');
export const meshes = clusterWide('kuma.io/v1alpha1', 'meshes', 'Mesh');

/** The two reviews are questions to the API server: only `create` works on them. */
export const tokenReviews = clusterWide('authentication.k8s.io/v1', 'tokenreviews', 'TokenReview');
export const subjectAccessReviews = clusterWide(
  'authorization.k8s.io/v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
);
