import type { ReactNode } from 'react';
import type { IconName } from '../../ui/icon-paths.ts';
import styles from './setup.module.css';

/** Addresses of the listeners as a sender on this machine writes them. */
export interface Addresses {
  readonly agent: string | undefined;
  readonly otlpHttp: string | undefined;
  readonly xray: string | undefined;
}

export interface Way {
  readonly icon: IconName;
  readonly title: string;
  readonly effort: string;
  readonly text: string;
  /** What the Copy button puts on the clipboard. */
  readonly code: string;
  /** Listeners it needs, by their name in the system report. */
  readonly needs: readonly string[];
  /** Counter labels that tell its spans from others. */
  readonly protocols: readonly string[];
}

export function ways({ agent, otlpHttp, xray }: Addresses): readonly Way[] {
  const otlp = otlpHttp ?? 'http://127.0.0.1:4318';
  const apm = agent ?? 'http://127.0.0.1:8126';
  const daemon = (xray ?? 'http://127.0.0.1:2000').replace('http://', '');
  return [
    {
      icon: 'terminal',
      title: 'Any shell',
      effort: '10 seconds',
      text: 'One OpenTelemetry span over HTTP. Proves that the path works.',
      code: `curl -sS ${otlp}/v1/traces \\
 -H 'content-type: application/json' \\
 -d '{"resourceSpans":[{"scopeSpans":[{
  "spans":[{"name":"hello","kind":1,
  "traceId":"'$(openssl rand -hex 16)'",
  "spanId":"'$(openssl rand -hex 8)'",
  "startTimeUnixNano":"'$(date +%s)'000000000",
  "endTimeUnixNano":"'$(date +%s)'250000000"
  }]}]}]}'`,
      needs: ['otlp-http'],
      protocols: ['otlp'],
    },
    {
      icon: 'host',
      title: 'A traced service',
      effort: '1 minute',
      text: 'Keep your APM tracer. Point it here; nothing else changes.',
      code: `export DD_TRACE_AGENT_URL=${apm}
export DD_ENV=dev DD_SERVICE=storefront
node --require dd-trace/init server.js

# Python, Java, Go, .NET, Ruby, PHP: the same
# address, started the way you start it now

# X-Ray SDK instead: its daemon is here too
export AWS_XRAY_DAEMON_ADDRESS=${daemon}`,
      needs: ['agent', 'xray'],
      protocols: ['agent', 'v0', 'v1', 'xray'],
    },
    {
      icon: 'traces',
      title: 'An OpenTelemetry SDK',
      effort: '1 minute',
      text: 'Any language with an OTLP exporter, over HTTP or gRPC.',
      code: `export OTEL_SERVICE_NAME=storefront
export OTEL_EXPORTER_OTLP_ENDPOINT=\\
${otlp}
export OTEL_EXPORTER_OTLP_PROTOCOL=\\
http/protobuf

# then start it as you do now; in Node.js
node -r @opentelemetry/\\
auto-instrumentations-node/register server.js`,
      needs: ['otlp-http', 'otlp-grpc'],
      protocols: ['otlp'],
    },
  ];
}

const TOKEN = /(#.*$)|('[^']*'|https?:\/\/[^\s\\]+)|^(curl|export|node)\b/gm;

/** The code with comments, strings and commands told apart. */
export function Coloured({ code }: { readonly code: string }): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of code.matchAll(TOKEN)) {
    parts.push(code.slice(from, match.index));
    const style =
      match[1] !== undefined ? 'comment' : match[2] !== undefined ? 'string' : 'keyword';
    parts.push(
      <span key={match.index} className={styles[style]}>
        {match[0]}
      </span>,
    );
    from = match.index + match[0].length;
  }
  parts.push(code.slice(from));
  return <>{parts}</>;
}
