import { objectsIn, type JsonObject } from '../json.ts';

// What survives compilation: the documented fields and those undocumented ones that real answers carry.
const common = [
  'name',
  'id',
  'trace_id',
  'parent_id',
  'start_time',
  'end_time',
  'in_progress',
  'http',
  'aws',
  'error',
  'throttle',
  'fault',
  'cause',
  'annotations',
  'metadata',
  'links',
];
const ofSegment = new Set([
  ...common,
  'origin',
  'user',
  'service',
  'resource_arn',
  'inferred',
  'type',
]);
const ofSubsegment = new Set([...common, 'type', 'namespace', 'precursor_ids', 'traced', 'sql']);

/** A deep copy of a segment, or of a subsegment that was sent on its own, without what the service does not keep. */
export function keptFields(part: JsonObject): JsonObject {
  return copy(part, part['type'] === 'subsegment' ? ofSubsegment : ofSegment);
}

function copy(part: JsonObject, fields: ReadonlySet<string>): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(part)) {
    if (fields.has(name)) kept[name] = value;
  }
  const children = objectsIn(part['subsegments']);
  if (children.length > 0) kept['subsegments'] = children.map((one) => copy(one, ofSubsegment));
  return kept;
}
