import type { SpanJson } from '@spanloom/contract';

export interface Attribute {
  readonly key: string;
  readonly value: string;
  /** Whether the value is stored as a number. */
  readonly numeric: boolean;
}

export interface AttributeGroup {
  readonly title: string;
  readonly attributes: readonly Attribute[];
  /** Bookkeeping of tracers: folded at first. */
  readonly internal: boolean;
}

const GROUPS: readonly { readonly title: string; readonly test: RegExp }[] = [
  { title: 'Error', test: /^(?:error|exception)(?:\.|$)/ },
  { title: 'HTTP', test: /^(?:http|url|user_agent)\./ },
  { title: 'Database', test: /^(?:db|sql|redis|mongodb|elasticsearch|cassandra)\./ },
  { title: 'Messaging', test: /^(?:messaging|kafka|amqp|sqs|sns)\.|^(?:queuename|topicname)$/ },
  { title: 'RPC', test: /^(?:rpc|grpc|graphql)\./ },
  {
    title: 'Function',
    test: /^(?:faas\.|function|cold_start|init_type|request_id|proactive_initialization|memorysize|executedversion|architecture$|runtime$|handler|resource_names|datadog_lambda|dd_trace$|span\.name$)/,
  },
  {
    title: 'AWS',
    test: /^(?:aws[._]|account_id|region$|cloud\.|tablename|bucketname|statemachinename|rulename|streamname)/,
  },
  { title: 'X-Ray', test: /^xray\./ },
  { title: 'Network', test: /^(?:network|net|peer|out|server|client|tcp|source|destination)\./ },
  {
    title: 'Process and host',
    test: /^(?:process[._]|host|os\.|container|k8s|kube|telemetry|service\.|deployment|runtime-id|language$|component$|track_error|git\.)/,
  },
];
const INTERNAL = /^(?:_|sampling\.|manual\.)/;
const OWN = new Set(['span.kind', 'env', 'version', 'service']);

/** The attributes of a span by topic; what fits none is the program's own and comes first. */
export function groupAttributes(span: SpanJson, search: string): readonly AttributeGroup[] {
  const wanted = search.trim().toLowerCase();
  const found = new Map<string, Attribute[]>();
  const add = (key: string, value: string, numeric: boolean): void => {
    if (OWN.has(key) || (wanted !== '' && !`${key}=${value}`.toLowerCase().includes(wanted)))
      return;
    const title = INTERNAL.test(key)
      ? 'Internal'
      : (GROUPS.find(({ test }) => test.test(key))?.title ?? 'Custom');
    const group = found.get(title);
    if (group === undefined) found.set(title, [{ key, value, numeric }]);
    else group.push({ key, value, numeric });
  };
  for (const [key, value] of Object.entries(span.meta)) add(key, value, false);
  for (const [key, value] of Object.entries(span.metrics)) add(key, String(value), true);
  const titles = ['Error', 'Custom', ...GROUPS.slice(1).map(({ title }) => title), 'Internal'];
  return titles.flatMap((title) => {
    const attributes = found.get(title);
    if (attributes === undefined) return [];
    attributes.sort((a, b) => (a.key < b.key ? -1 : 1));
    return [{ title, attributes, internal: title === 'Internal' }];
  });
}
