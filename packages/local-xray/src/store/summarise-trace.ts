import { fieldOf, numberOf, textOf, type JsonObject } from '../json.ts';
import {
  annotationsOf,
  resourceArnOf,
  type SegmentFacts,
  type ServiceId,
  type TraceFacts,
} from './trace-facts.ts';

const annotationLimit = 50;

/** What a listing says of a trace; without the fields that depend on the listing itself. */
export function summariseTrace(id: string, revision: number, facts: TraceFacts): JsonObject {
  const { root, segments } = facts;
  const flags = (name: string): boolean =>
    segments.some((one) => [one.document, ...one.subsegments].some((part) => part[name] === true));
  const aws = segments.map((one) => fieldOf(one.document, 'aws'));
  return {
    Id: id,
    StartTime: facts.startMs / 1000,
    Duration: roundToMillis((facts.endMs - facts.startMs) / 1000),
    ...responseTimeOf(root),
    HasFault: root?.document['fault'] === true,
    HasError: root?.document['error'] === true,
    HasThrottle: flags('throttle'),
    IsPartial: facts.isPartial,
    Http: httpOf(root?.document),
    Annotations: annotations(segments),
    Users: users(segments),
    ServiceIds: distinctServices(segments),
    ResourceARNs: distinct(segments.flatMap((one) => resourceArnOf(one.document) ?? [])).map(
      (ARN) => ({ ARN }),
    ),
    InstanceIds: distinct(
      aws.flatMap((one) => textOf(fieldOf(one, 'ec2')['instance_id']) ?? []),
    ).map((Id) => ({ Id })),
    AvailabilityZones: distinct(
      aws.flatMap((one) => textOf(fieldOf(one, 'ec2')['availability_zone']) ?? []),
    ).map((Name) => ({ Name })),
    ...(root === undefined ? {} : { EntryPoint: root.service }),
    FaultRootCauses: [],
    ErrorRootCauses: [],
    ResponseTimeRootCauses: [],
    Revision: revision,
  };
}

function responseTimeOf(root: SegmentFacts | undefined): JsonObject {
  const start = numberOf(root?.document['start_time']);
  const end = numberOf(root?.document['end_time']);
  if (start === undefined || end === undefined) return {};
  return { ResponseTime: roundToMillis(end - start) };
}

function httpOf(document: JsonObject | undefined): JsonObject {
  const http = fieldOf(document, 'http');
  const request = fieldOf(http, 'request');
  const named: [string, unknown][] = [
    ['HttpURL', request['url']],
    ['HttpMethod', request['method']],
    ['UserAgent', request['user_agent']],
    ['ClientIp', request['client_ip']],
    ['HttpStatus', fieldOf(http, 'response')['status']],
  ];
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}

function annotations(segments: readonly SegmentFacts[]): JsonObject {
  const byKey = new Map<string, { AnnotationValue: JsonObject; ServiceIds: ServiceId[] }[]>();
  for (const segment of segments) {
    for (const [key, value] of annotationsOf(segment)) {
      if (!byKey.has(key) && byKey.size === annotationLimit) continue;
      const member = { string: 'StringValue', number: 'NumberValue', boolean: 'BooleanValue' }[
        typeof value as 'string' | 'number' | 'boolean'
      ];
      const entries = byKey.get(key) ?? [];
      entries.push({ AnnotationValue: { [member]: value }, ServiceIds: [segment.service] });
      byKey.set(key, entries);
    }
  }
  return Object.fromEntries(byKey);
}

function users(segments: readonly SegmentFacts[]): JsonObject[] {
  return segments.flatMap((one) => {
    const UserName = textOf(one.document['user']);
    return UserName === undefined ? [] : [{ UserName, ServiceIds: [one.service] }];
  });
}

function distinctServices(segments: readonly SegmentFacts[]): ServiceId[] {
  const services = new Map<string, ServiceId>();
  for (const { service } of segments) services.set(JSON.stringify(service), service);
  return [...services.values()];
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function roundToMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
