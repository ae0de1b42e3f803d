import type { Segment } from './segment-document.ts';
import { isReservedTag, type SegmentTags } from './segment-tags.ts';
import {
  isXRayObject,
  newObject,
  NumberText,
  objectAt,
  textAt,
  type XRayObject,
  type XRayValue,
} from './xray-json.ts';

/** Metadata entries that become attributes of their own; the rest of them share one. */
const MOST_METADATA = 50;

/** Where programs put what is for nobody but their developers, in any amount. */
const DEBUG_NAMESPACE = 'debug';

/** What programs wrote: annotations under their own names, metadata under `xray.metadata.<namespace>.<key>`. */
export function writeAnnotations({ fields }: Segment, tags: SegmentTags): void {
  if ('annotations' in fields) writeNamed(objectAt(fields, 'annotations'), tags);
  if ('metadata' in fields) writeMetadata(objectAt(fields, 'metadata'), tags);
}

function writeNamed(annotations: XRayObject, tags: SegmentTags): void {
  for (const key in annotations) {
    const value = annotations[key]!;
    if (isPlain(value)) {
      const name = isReservedTag(key) || tags.has(key) ? `xray.annotation.${key}` : key;
      tags.value(name, value);
    } else if (value !== null) {
      // X-Ray indexes annotations, and can index nothing but plain values.
      tags.count('AnnotationInvalid');
    }
  }
}

function isPlain(value: XRayValue): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value instanceof NumberText;
}

/** Usually namespaces with objects in them; Lambda itself writes values without a namespace. */
function writeMetadata(metadata: XRayObject, tags: SegmentTags): void {
  let room = MOST_METADATA;
  let rest: Record<string, XRayValue> | undefined;
  for (const namespace in metadata) {
    const members = metadata[namespace]!;
    if (namespace === DEBUG_NAMESPACE) continue;
    if (!isXRayObject(members)) {
      if (room-- > 0) tags.value(`xray.metadata.${namespace}`, members);
      else (rest ??= newObject())[namespace] = members;
      continue;
    }
    let left: Record<string, XRayValue> | undefined;
    for (const key in members) {
      const value = members[key]!;
      if (room-- > 0) tags.value(`xray.metadata.${namespace}.${key}`, value);
      else (left ??= newObject())[key] = value;
    }
    if (left !== undefined) (rest ??= newObject())[namespace] = left;
  }
  if (rest !== undefined) tags.value('xray.metadata', rest);
}

/**
 * Environments that AWS's OpenTelemetry fills in where nobody said one: `lambda:default`, or the platform and what it knows there,
 * as `eks:cluster/namespace`. No tracer has one of that name, so it would keep the two sides of a request apart.
 */
const MADE_UP_ENVIRONMENT =
  /:default$|^(?:api-gateway|bedrock-agentcore|ec2|ecs|eks|generic|k8s|lambda):/;

/** The environment a segment states, '' when it states none. X-Ray has no field for it. */
export function statedEnv({ fields }: Segment): string {
  if (!('annotations' in fields || 'metadata' in fields)) return '';
  const annotations = objectAt(fields, 'annotations');
  const metadata = objectAt(fields, 'metadata');
  const own = objectAt(metadata, 'default');
  const stated =
    textAt(annotations, 'env') ||
    textAt(own, 'env') ||
    textAt(own, 'DD_ENV') ||
    textAt(own, 'deployment.environment') ||
    textAt(metadata, 'deployment.environment');
  return stated || givenEnvironment(textAt(annotations, 'aws.local.environment'));
}

/** An environment as OpenTelemetry's distribution for AWS names it, '' where nobody gave one. */
export function givenEnvironment(local: string): string {
  return MADE_UP_ENVIRONMENT.test(local) ? '' : local;
}

/** The service a segment states beside its name, '' when it states none. */
export function statedService({ fields }: Segment): string {
  if (!('annotations' in fields || 'metadata' in fields)) return '';
  const annotations = objectAt(fields, 'annotations');
  return (
    textAt(annotations, 'service') ||
    textAt(annotations, 'Service') ||
    textAt(objectAt(fields, 'metadata'), 'service.name')
  );
}
