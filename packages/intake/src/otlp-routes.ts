import { BODY_LIMITS } from './body-limits.ts';
import { ANSWERS, type Handling, type Route } from './route.ts';

function otlp(path: string, handling: Handling): Route {
  return { path, side: 'otlp', access: 'write', limits: BODY_LIMITS.otlp, handling };
}

/** OTLP over HTTP. */
export const OTLP_ROUTES: readonly Route[] = [
  otlp('/v1/traces', { kind: 'otlp', signal: 'traces' }),
  otlp('/v1/logs', { kind: 'otlp', signal: 'logs' }),
  otlp('/v1/metrics', { kind: 'otlp', signal: 'metrics' }),
  // Still changing from version to version.
  otlp('/v1development/profiles', { kind: 'discard', reply: ANSWERS.okEmpty }),
];
