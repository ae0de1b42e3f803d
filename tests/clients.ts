import { join } from 'node:path';
import { nodeBinary, repository, runtimesDirectory } from './runtimes.ts';
import type { RuntimeName } from './runtimes.ts';

/** Which listener a client talks to. */
type Protocol = 'agent' | 'otlp-http' | 'otlp-grpc';

/** One unmodified client program with one configuration. */
export interface Client {
  /** Unique; also names the recorded fixture. */
  readonly name: string;
  /** For people: tracer and what is special about this configuration. */
  readonly label: string;
  readonly runtime: RuntimeName;
  readonly protocol: Protocol;
  /** The folder of `fixtures/` where its trace payload belongs. */
  readonly format: string;
  /** The path the trace payload must arrive at. */
  readonly tracesPath: string;
  /** The folder of `programs/` that holds its source. */
  readonly program: string;
  /** The command, given the folder that holds a copy of `program`'s files. */
  readonly command: (programDirectory: string) => readonly [string, ...string[]];
  /** What a user of this configuration would set, besides where to send. */
  readonly env: Readonly<Record<string, string>>;
}

const unifiedTags = { DD_SERVICE: 'checkout', DD_ENV: 'conformance', DD_VERSION: '1.4.2' };

/** How a configuration that sends span events in their own field is told from one that writes them into tags. */
function variant(env: Record<string, string>): { suffix: string; remark: string } {
  return 'DD_TRACE_NATIVE_SPAN_EVENTS' in env
    ? { suffix: '-native-events', remark: ', native span events' }
    : { suffix: '', remark: '' };
}

function nodeClient(major: 5 | 6, wire: string, env: Record<string, string> = {}): Client {
  return {
    name: `node-dd-trace-${major}${variant(env).suffix}`,
    label: `dd-trace ${major} for Node, ${wire}${variant(env).remark}`,
    runtime: 'node',
    protocol: 'agent',
    format: `agent-${wire}`,
    tracesPath: `/${wire}/traces`,
    program: 'node-dd-trace',
    command: (directory) => [nodeBinary, join(directory, `checkout-${major}.mjs`)],
    env: { ...unifiedTags, ...env },
  };
}

function otelClient(
  exporter: 'http-protobuf' | 'http-json' | 'grpc',
  env: Record<string, string> = {},
): Client {
  const compression = env['OTEL_EXPORTER_OTLP_COMPRESSION'];
  return {
    name: `node-opentelemetry${compression === undefined ? '' : `-${compression}`}`,
    label: `OpenTelemetry SDK for Node, OTLP ${exporter}${compression === undefined ? '' : `, ${compression}`}`,
    runtime: 'node',
    protocol: exporter === 'grpc' ? 'otlp-grpc' : 'otlp-http',
    format: `otlp-${exporter}`,
    tracesPath:
      exporter === 'grpc'
        ? '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
        : '/v1/traces',
    program: 'node-opentelemetry',
    command: (directory) => [nodeBinary, join(directory, `checkout-${exporter}.mjs`)],
    env: { OTEL_SERVICE_NAME: 'checkout', ...env },
  };
}

function pythonClient(wire: 'v0.4' | 'v0.5', env: Record<string, string> = {}): Client {
  return {
    name: `python-ddtrace${variant(env).suffix}`,
    label: `ddtrace for Python, ${wire}${variant(env).remark}`,
    runtime: 'python',
    protocol: 'agent',
    format: `agent-${wire}`,
    tracesPath: `/${wire}/traces`,
    program: 'python-ddtrace',
    command: (directory) => [
      join(runtimesDirectory, 'python', 'bin', 'python'),
      join(directory, 'checkout.py'),
    ],
    env: { ...unifiedTags, ...env },
  };
}

function goClient(wire: 'v0.4' | 'v1.0', env: Record<string, string> = {}): Client {
  return {
    name: 'go-dd-trace',
    label: `dd-trace-go 2, ${wire}`,
    runtime: 'go',
    protocol: 'agent',
    format: `agent-${wire}`,
    tracesPath: `/${wire}/traces`,
    program: 'go-dd-trace',
    command: () => [join(runtimesDirectory, 'go', 'checkout')],
    env: { ...unifiedTags, ...env },
  };
}

function javaClient(wire: 'v0.4' | 'v0.5' | 'v1.0', env: Record<string, string> = {}): Client {
  const java = join(runtimesDirectory, 'java');
  return {
    name: 'java-dd-trace',
    label: `dd-java-agent, ${wire}`,
    runtime: 'java',
    protocol: 'agent',
    format: `agent-${wire}`,
    tracesPath: `/${wire}/traces`,
    program: 'java-dd-trace',
    command: () => [
      'java',
      `-javaagent:${join(java, 'lib', 'dd-java-agent.jar')}`,
      '-Dfile.encoding=UTF-8',
      '-cp',
      `${join(java, 'classes')}:${join(java, 'lib', '*')}`,
      'Checkout',
    ],
    env: { ...unifiedTags, DD_TRACE_OTEL_ENABLED: 'true', ...env },
  };
}

/** Every client configuration that must work against Spanloom. */
export const clients: readonly Client[] = [
  nodeClient(5, 'v0.4'),
  nodeClient(5, 'v0.5', { DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5' }),
  nodeClient(6, 'v0.4'),
  nodeClient(6, 'v0.4', { DD_TRACE_NATIVE_SPAN_EVENTS: 'true' }),
  nodeClient(6, 'v0.5', { DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5' }),
  otelClient('http-protobuf'),
  otelClient('http-json'),
  otelClient('grpc'),
  otelClient('http-protobuf', { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
  otelClient('grpc', { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
  pythonClient('v0.5'),
  pythonClient('v0.4', { DD_TRACE_API_VERSION: 'v0.4' }),
  pythonClient('v0.4', { DD_TRACE_NATIVE_SPAN_EVENTS: 'true' }),
  goClient('v1.0'),
  goClient('v0.4', { DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4' }),
  javaClient('v0.4'),
  javaClient('v0.5', { DD_TRACE_AGENT_V0_5_ENABLED: 'true' }),
  javaClient('v1.0', { DD_TRACE_AGENT_PROTOCOL_VERSION: '1.0' }),
];

/** Where the source of `client` lives. */
export function programDirectory(client: Client): string {
  return join(repository, 'tests', 'programs', client.program);
}
