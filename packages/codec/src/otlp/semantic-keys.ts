/**
 * Attributes that decide what a span is called. Each gets a slot, in which a span's value is noted as it passes by, so that
 * names are made without looking anything up. `datadog.*` ones state the answer itself.
 */
export const SLOT_KEYS = [
  'datadog.service',
  'datadog.name',
  'datadog.resource',
  'datadog.type',
  'datadog.span.kind',
  'datadog.error',
  'datadog.env',
  'datadog.version',
  'datadog.sampling.priority',
  'service.name',
  'operation.name',
  'resource.name',
  'span.type',
  'http.request.method',
  'http.method',
  'http.route',
  'http.response.status_code',
  'http.status_code',
  'db.system.name',
  'db.system',
  'db.statement',
  'db.query.text',
  'messaging.system',
  'messaging.operation.type',
  'messaging.operation',
  'messaging.operation.name',
  'messaging.destination.name',
  'messaging.destination',
  'rpc.system',
  'rpc.service',
  'rpc.method',
  'faas.invoked_provider',
  'faas.invoked_name',
  'faas.trigger',
  'graphql.operation.type',
  'graphql.operation.name',
  'network.protocol.name',
  'deployment.environment.name',
  'deployment.environment',
  'service.version',
  'sampling.priority',
  'analytics.event',
  'faas.name',
  'cloud.resource_id',
] as const;

export type SlotKey = (typeof SLOT_KEYS)[number];

/** Slot of each key, from 1. */
export const SLOT: Readonly<Record<SlotKey, number>> = Object.fromEntries(
  SLOT_KEYS.map((key, index) => [key, index + 1]),
) as Record<SlotKey, number>;

/** Attributes that are read and not kept: each has become a column. */
export const CONSUMED: ReadonlySet<string> = new Set([
  'datadog.service',
  'datadog.name',
  'datadog.resource',
  'datadog.type',
  'datadog.span.kind',
  'datadog.error',
  'datadog.env',
  'datadog.version',
  'datadog.sampling.priority',
]);

/** Attributes that are kept under another name only. */
export const MOVED: ReadonlyMap<string, string> = new Map([
  ['datadog.error.msg', 'error.message'],
  ['datadog.error.type', 'error.type'],
  ['datadog.error.stack', 'error.stack'],
  ['datadog.host.name', '_dd.hostname'],
  ['datadog.container_id', 'container_id'],
  ['datadog.http_status_code', 'http.status_code'],
]);

/** Attributes that are kept, and kept again under the name that queries and columns know. */
const COPIED: ReadonlyMap<string, string> = new Map([
  ['http.request.method', 'http.method'],
  ['url.full', 'http.url'],
  ['user_agent.original', 'http.useragent'],
  ['client.address', 'http.client_ip'],
  ['server.address', 'http.server_name'],
  ['http.request.body.size', 'http.request.content_length'],
  ['http.response.body.size', 'http.response.content_length'],
  ['network.protocol.version', 'http.version'],
  ['db.namespace', 'db.name'],
  ['container.id', 'container_id'],
  ['container.name', 'container_name'],
  ['container.image.name', 'image_name'],
  ['container.image.tag', 'image_tag'],
  ['k8s.pod.name', 'pod_name'],
  ['k8s.namespace.name', 'kube_namespace'],
  ['k8s.deployment.name', 'kube_deployment'],
  ['k8s.container.name', 'kube_container_name'],
  ['k8s.cluster.name', 'kube_cluster_name'],
  ['k8s.node.name', 'kube_node'],
  ['aws.ecs.task.arn', 'task_arn'],
  ['aws.ecs.task.family', 'task_family'],
  ['aws.ecs.cluster.arn', 'ecs_cluster_name'],
  ['faas.name', 'functionname'],
  ['faas.version', 'executedversion'],
  ['faas.max_memory', 'memorysize'],
  ['faas.coldstart', 'cold_start'],
  ['faas.invocation_id', 'request_id'],
  ['faas.execution', 'request_id'],
  ['cloud.region', 'region'],
]);

const REQUEST_HEADER = 'http.request.header.';

/** The name under which an attribute is kept again, undefined when it is not. */
export function copiedName(key: string): string | undefined {
  if (key.startsWith(REQUEST_HEADER))
    return `http.request.headers.${key.slice(REQUEST_HEADER.length)}`;
  return COPIED.get(key);
}
