import type { IntakeRecord } from '@spanloom/model';
import type { AttributeList } from '../sink/attribute-list.ts';

/** What a Datadog payload states about its sender, in its body or in the request's headers. '' where it says nothing. */
export interface PayloadFacts {
  language: string;
  languageVersion: string;
  interpreter: string;
  tracerVersion: string;
  containerId: string;
  runtimeId: string;
  env: string;
  hostname: string;
  appVersion: string;
  agentVersion: string;
}

/** Facts from the headers; those in the body replace them. */
export function factsFromHeaders(headers: IntakeRecord['headers']): PayloadFacts {
  return {
    language: headers['datadog-meta-lang'] ?? '',
    languageVersion: headers['datadog-meta-lang-version'] ?? '',
    interpreter: headers['datadog-meta-lang-interpreter'] ?? '',
    tracerVersion: headers['datadog-meta-tracer-version'] ?? '',
    containerId: headers['datadog-container-id'] ?? containerOf(headers['datadog-entity-id'] ?? ''),
    runtimeId: '',
    env: '',
    hostname: '',
    appVersion: '',
    agentVersion: '',
  };
}

/**
 * Whether a header such as `Datadog-Client-Computed-Stats` says yes. Tracers write `yes`, `t`, `1` and `true`, and Java sends
 * the header empty to say no.
 */
export function isHeaderSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(value);
}

/** What `envelopeJson` makes JSON of. */
export interface EnvelopeParts {
  readonly facts: PayloadFacts;
  /** Tags of the payload, JSON or ''. */
  readonly tags: AttributeList;
  /** Tags of the agent's payload around it. */
  readonly agentTags?: AttributeList | undefined;
  readonly chunkTags?: AttributeList | undefined;
  readonly chunkOrigin?: string;
  /** The agent's samplers meant to drop this chunk. */
  readonly droppedTrace?: boolean;
  readonly samplingMechanism?: number | undefined;
  /** Start times are whole seconds only. */
  readonly coarseClock?: boolean;
}

/** JSON of what a payload and a chunk say once for all their spans. '' when they say nothing. */
export function envelopeJson(parts: EnvelopeParts): string {
  const { facts } = parts;
  const members: string[] = [];
  const text = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') members.push(`"${name}":${JSON.stringify(value)}`);
  };
  const json = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') members.push(`"${name}":${value}`);
  };
  text('language', facts.language);
  text('language_version', facts.languageVersion);
  text('interpreter', facts.interpreter);
  text('tracer_version', facts.tracerVersion);
  text('runtime_id', facts.runtimeId);
  text('container_id', facts.containerId);
  text('hostname', facts.hostname);
  text('env', facts.env);
  text('app_version', facts.appVersion);
  text('agent_version', facts.agentVersion);
  json('tags', parts.tags.toJson());
  json('agent_tags', parts.agentTags?.toJson());
  json('chunk_tags', parts.chunkTags?.toJson());
  text('chunk_origin', parts.chunkOrigin);
  json('dropped_trace', parts.droppedTrace === true ? 'true' : '');
  json(
    'sampling_mechanism',
    parts.samplingMechanism === undefined ? '' : String(parts.samplingMechanism),
  );
  json('coarse_clock', parts.coarseClock === true ? 'true' : '');
  return members.length === 0 ? '' : `{${members.join(',')}}`;
}

function containerOf(entity: string): string {
  const match = /^(?:ci|cid)-(.+)$/.exec(entity);
  return match?.[1] ?? '';
}
