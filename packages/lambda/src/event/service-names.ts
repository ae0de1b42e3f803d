import type { Settings } from '../config.ts';

/** The service of a managed service's span: renamed by its own name or its kind, else named after the resource. */
export function resolveService(
  settings: Settings,
  keys: readonly (string | undefined)[],
  extracted: string,
  fallback: string,
): string {
  for (const key of keys) {
    const mapped = key === undefined ? undefined : settings.serviceMapping.get(key);
    if (mapped !== undefined) return mapped;
  }
  return settings.serviceRepresentation && extracted.trim() !== '' ? extracted.trim() : fallback;
}

/** The service of the function itself. */
export function functionService(settings: Settings, functionName: string): string {
  const name =
    settings.service ??
    (settings.serviceRepresentation ? functionName || 'aws.lambda' : 'aws.lambda');
  return settings.serviceMapping.get(name) ?? name;
}
