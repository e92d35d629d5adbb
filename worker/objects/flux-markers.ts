/** They keep Flux from undoing what we write; the reference marks its objects with them, too. */
export const fluxMarkers: Readonly<Record<string, string>> = {
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
};
