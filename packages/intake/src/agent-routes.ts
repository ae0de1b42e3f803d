import { BODY_LIMITS, type BodyLimits } from './body-limits.ts';
import { always, jsonOnly, jsonOrMsgpack, msgpackOnly } from './payload-format.ts';
import { ANSWERS, type FixedAnswer, type Handling, type Route } from './route.ts';

function agent(
  path: string,
  handling: Handling,
  limits: BodyLimits = BODY_LIMITS.agentTraces,
): Route {
  return { path, side: 'agent', access: 'write', limits, handling };
}

function discard(
  path: string,
  reply: FixedAnswer,
  limits: BodyLimits = BODY_LIMITS.proxied,
): Route {
  return agent(path, { kind: 'discard', reply }, limits);
}

const V0_1: Handling = {
  kind: 'traces',
  format: jsonOnly('agent-v0.1-json'),
  reply: ANSWERS.okText,
};

/** What tracers send to an agent. Statuses and bodies are the ones their oldest supported versions accept. */
export const AGENT_ROUTES: readonly Route[] = [
  {
    path: '/info',
    side: 'agent',
    access: 'read',
    limits: BODY_LIMITS.telemetry,
    handling: { kind: 'info' },
  },
  agent('/spans', V0_1),
  agent('/v0.1/spans', V0_1),
  agent('/v0.2/traces', {
    kind: 'traces',
    format: jsonOnly('agent-v0.3-json'),
    reply: ANSWERS.okText,
  }),
  agent('/v0.3/traces', {
    kind: 'traces',
    format: jsonOrMsgpack('agent-v0.3-json', 'agent-v0.3-msgpack'),
    reply: ANSWERS.okText,
  }),
  agent('/v0.4/traces', {
    kind: 'traces',
    format: jsonOrMsgpack('agent-v0.4-json', 'agent-v0.4-msgpack'),
    reply: 'rates',
  }),
  agent('/v0.5/traces', {
    kind: 'traces',
    format: msgpackOnly('agent-v0.5-msgpack'),
    reply: 'rates',
  }),
  agent('/v0.7/traces', {
    kind: 'traces',
    format: msgpackOnly('agent-v0.7-msgpack'),
    reply: 'rates',
  }),
  agent('/v1.0/traces', {
    kind: 'traces',
    format: msgpackOnly('agent-v1.0-msgpack'),
    reply: 'rates',
    knows429: true,
  }),
  discard('/services', ANSWERS.okText),
  discard('/v0.1/services', ANSWERS.okText),
  discard('/v0.2/services', ANSWERS.okText),
  discard('/v0.3/services', ANSWERS.okText),
  discard('/v0.4/services', ANSWERS.okText),
  agent(
    '/v0.6/stats',
    { kind: 'stats', format: always('client-stats-msgpack'), reply: ANSWERS.okEmpty },
    BODY_LIMITS.agentStats,
  ),
  discard('/v0.1/pipeline_stats', ANSWERS.okEmpty, BODY_LIMITS.agentStats),
  discard('/profiling/v1/input', ANSWERS.okEmpty, BODY_LIMITS.profiles),
  agent(
    '/telemetry/proxy/*',
    { kind: 'telemetry', reply: ANSWERS.acceptedEmpty },
    BODY_LIMITS.telemetry,
  ),
  // Node compares the text with `{}`: a space in it would be parsed as configuration.
  { ...discard('/v0.7/config', ANSWERS.okObject), access: 'any' },
  agent('/evp_proxy/*', { kind: 'absent' }, BODY_LIMITS.proxied),
  discard('/debugger/v1/input', ANSWERS.okEmpty),
  discard('/debugger/v2/input', ANSWERS.okEmpty),
  discard('/debugger/v1/diagnostics', ANSWERS.okEmpty),
  discard('/symdb/v1/input', ANSWERS.okEmpty, BODY_LIMITS.symbols),
  discard('/tracer_flare/v1', ANSWERS.okObject, BODY_LIMITS.profiles),
  discard('/dogstatsd/v1/proxy', ANSWERS.okEmpty),
  discard('/dogstatsd/v2/proxy', ANSWERS.okEmpty),
  discard('/openlineage/api/v1/lineage', ANSWERS.acceptedEmpty),
];
