import type { Segment } from './segment-document.ts';
import { isReservedTag, type SegmentTags } from './segment-tags.ts';
import {
  isXRayObject,
  newObject,
  objectAt,
  textAt,
  type XRayObject,
  xrayJson,
} from './xray-json.ts';

/** Metadata entries that become attributes of their own; the rest of them share one. */
const MOST_METADATA = 50;

/** What programs wrote: annotations under their own names, metadata under `xray.metadata.<namespace>.<key>`. */
export function writeAnnotations({ fields }: Segment, tags: SegmentTags): void {
  for (const [key, value] of Object.entries(objectAt(fields, 'annotations'))) {
    const name = isReservedTag(key) || tags.has(key) ? `xray.annotation.${key}` : key;
    tags.value(name, value);
  }
  writeMetadata(objectAt(fields, 'metadata'), tags);
}

/** Usually namespaces with objects in them; Lambda itself writes values without a namespace. */
function writeMetadata(metadata: XRayObject, tags: SegmentTags): void {
  let room = MOST_METADATA;
  const rest = newObject();
  for (const [namespace, members] of Object.entries(metadata)) {
    if (!isXRayObject(members)) {
      if (room-- > 0) tags.value(`xray.metadata.${namespace}`, members);
      else rest[namespace] = members;
      continue;
    }
    const left = newObject();
    for (const [key, value] of Object.entries(members)) {
      if (room-- > 0) tags.value(`xray.metadata.${namespace}.${key}`, value);
      else left[key] = value;
    }
    if (Object.keys(left).length > 0) rest[namespace] = left;
  }
  if (Object.keys(rest).length > 0) tags.json('xray.metadata', xrayJson(rest));
}

/** Environments that OpenTelemetry's X-Ray exporter fills in where nobody said one. */
const DEFAULT_ENVIRONMENT = /:default$/;

/** The environment a segment states, '' when it states none. X-Ray has no field for it. */
export function statedEnv({ fields }: Segment): string {
  const annotations = objectAt(fields, 'annotations');
  const metadata = objectAt(fields, 'metadata');
  const own = objectAt(metadata, 'default');
  const stated = [
    textAt(annotations, 'env'),
    textAt(own, 'env'),
    textAt(own, 'DD_ENV'),
    textAt(own, 'deployment.environment'),
    textAt(metadata, 'deployment.environment'),
  ].find((text) => text !== '');
  if (stated !== undefined) return stated;
  const local = textAt(annotations, 'aws.local.environment');
  return DEFAULT_ENVIRONMENT.test(local) ? '' : local;
}

/** The service a segment states beside its name, '' when it states none. */
export function statedService({ fields }: Segment): string {
  const annotations = objectAt(fields, 'annotations');
  return (
    textAt(annotations, 'service') ||
    textAt(annotations, 'Service') ||
    textAt(objectAt(fields, 'metadata'), 'service.name')
  );
}
