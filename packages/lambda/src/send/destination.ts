import { existsSync } from 'node:fs';
import { setting } from '../environment.ts';
import { say } from '../log.ts';

/** Where telemetry goes: to an extension in the sandbox, straight to a server, or into the log for a forwarder. */
export type Destination =
  | { readonly kind: 'extension'; readonly agent: URL }
  | { readonly kind: 'server'; readonly server: URL }
  | { readonly kind: 'log' };

const extensionFiles = [
  '/opt/extensions/datadog-agent',
  '/opt/extensions/spanloom-agent',
  '/tmp/datadog/mini_agent_ready',
];

let destination: Destination | undefined;

/** Decides once per process. An extension is recognised by its file, or by `SPANLOOM_EXTENSION=1`. */
export function findDestination(): Destination {
  return (destination ??= decide());
}

/** Whether an extension takes what the function sends. */
export function hasExtension(): boolean {
  return findDestination().kind === 'extension';
}

function decide(): Destination {
  const forced = process.env['SPANLOOM_EXTENSION'];
  const present =
    forced === undefined || forced === ''
      ? extensionFiles.some((file) => existsSync(file))
      : /^(?:1|true)$/.test(forced);
  if (present || setting('TRACE_EXPERIMENTAL_EXPORTER') === 'agent') {
    const host = setting('AGENT_HOST') ?? '127.0.0.1';
    const port = setting('TRACE_AGENT_PORT') ?? '8126';
    const agent = urlOf(
      'DD_TRACE_AGENT_URL',
      setting('TRACE_AGENT_URL') ?? `http://${host}:${port}`,
    );
    return { kind: 'extension', agent: agent ?? new URL('http://127.0.0.1:8126') };
  }
  const endpoint = process.env['SPANLOOM_ENDPOINT'];
  const server = endpoint ? urlOf('SPANLOOM_ENDPOINT', endpoint) : undefined;
  return server === undefined ? { kind: 'log' } : { kind: 'server', server };
}

function urlOf(name: string, text: string): URL | undefined {
  try {
    const url = new URL(text);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // Reported below, together with addresses of other protocols.
  }
  say(
    'warning',
    `Cannot use ${name}: found ${JSON.stringify(text)}; give http://host:port or https://host`,
  );
  return undefined;
}
