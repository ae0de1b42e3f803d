import { fieldOf, numberOf, objectsIn, textOf, type JsonObject } from '../json.ts';
import {
  annotationsOf,
  resourceArnOf,
  type SegmentFacts,
  type ServiceId,
  type TraceFacts,
} from '../store/trace-facts.ts';
import type { FilterTree, FilterValue, Relation, ServiceSelector } from './filter-tree.ts';

/** What expressions may refer to besides the trace. */
export interface FilterSurroundings {
  /** The expression of a group; `undefined` if there is no such group. */
  readonly group: (by: 'name' | 'arn', value: string) => FilterTree | undefined;
}

/**
 * Whether an expression holds for a trace.
 *
 * On the level of the trace, flags and numbers are those of its root; texts may be those of any segment. Inside the braces of a
 * service they are those of its own segments.
 */
export function matchFilter(
  tree: FilterTree,
  trace: TraceFacts,
  surroundings: FilterSurroundings,
): boolean {
  return matches(tree, trace, undefined, surroundings);
}

function matches(
  tree: FilterTree,
  trace: TraceFacts,
  within: SegmentFacts | undefined,
  surroundings: FilterSurroundings,
): boolean {
  const recurse = (part: FilterTree, segment = within): boolean =>
    matches(part, trace, segment, surroundings);
  switch (tree.kind) {
    case 'and':
      return tree.parts.every((part) => recurse(part));
    case 'or':
      return tree.parts.some((part) => recurse(part));
    case 'not':
      return !recurse(tree.part);
    case 'flag':
      return flag(tree.name, trace, within);
    case 'compare':
      return values(tree.name, trace, within).some((one) => holds(one, tree.relation, tree.value));
    case 'annotation':
      return (within === undefined ? trace.segments : [within])
        .flatMap(annotationsOf)
        .some(
          ([key, value]) =>
            key === tree.key &&
            (tree.relation === undefined || holds(value, tree.relation, tree.value!)),
        );
    case 'service':
      return trace.segments.some(
        (one) =>
          selects(tree.selector, one.service) &&
          (tree.inside === undefined || recurse(tree.inside, one)),
      );
    case 'edge':
      return trace.segments.some(
        (to) =>
          selects(tree.to, to.service) &&
          trace.segments.some(
            (from) => selects(tree.from, from.service) && calls(from, to, tree.inside, recurse),
          ),
      );
    case 'group': {
      const expression = surroundings.group(tree.by, tree.value);
      return expression !== undefined && recurse(expression);
    }
  }
}

/** Whether `from` calls `to`, in a call for which `inside` holds: the call is looked at as if it were a segment. */
function calls(
  from: SegmentFacts,
  to: SegmentFacts,
  inside: FilterTree | undefined,
  recurse: (part: FilterTree, segment: SegmentFacts) => boolean,
): boolean {
  const parent = to.document['parent_id'];
  const call = [from.document, ...from.subsegments].find((part) => part['id'] === parent);
  if (parent === undefined || call === undefined) return false;
  return inside === undefined || recurse(inside, { ...from, document: call, subsegments: [] });
}

function flag(name: string, trace: TraceFacts, within: SegmentFacts | undefined): boolean {
  if (name === 'partial' && within === undefined) return trace.isPartial;
  if (name === 'throttle' && within === undefined) {
    return trace.segments.some((one) => one.document['throttle'] === true);
  }
  const subject = within ?? trace.root;
  if (subject === undefined) return false;
  const { document } = subject;
  switch (name) {
    case 'ok':
      return !['error', 'fault', 'throttle'].some((one) => document[one] === true);
    case 'partial':
      return document['in_progress'] === true;
    case 'remote':
      return objectsIn(fieldOf(document, 'cause')['exceptions']).some(
        (one) => one['remote'] === true,
      );
    case 'root':
    case 'first':
      return subject.isRoot;
    case 'last':
      return !trace.segments.some((one) =>
        subject.subsegments.some((part) => part['id'] === one.document['parent_id']),
      );
    default:
      return document[name] === true;
  }
}

function values(
  name: string,
  trace: TraceFacts,
  within: SegmentFacts | undefined,
): (string | number)[] {
  if (name === 'duration' && within === undefined) return [(trace.endMs - trace.startMs) / 1000];
  const ofRoot = name === 'responsetime' || name === 'duration' || name.startsWith('http.');
  const subjects =
    within !== undefined
      ? [within]
      : ofRoot
        ? trace.segments.filter((one) => one === trace.root)
        : trace.segments;
  return subjects.flatMap((one) => valueOf(name, one) ?? []);
}

function valueOf(name: string, segment: SegmentFacts): string | number | undefined {
  const { document } = segment;
  const request = fieldOf(document['http'], 'request');
  switch (name) {
    case 'responsetime':
    case 'duration': {
      const end = numberOf(document['end_time']);
      return end === undefined ? undefined : end - (numberOf(document['start_time']) ?? end);
    }
    case 'http.status':
      return numberOf(fieldOf(document['http'], 'response')['status']);
    case 'http.url':
      return textOf(request['url']);
    case 'http.method':
      return textOf(request['method']);
    case 'http.useragent':
      return textOf(request['user_agent']);
    case 'http.clientip':
      return textOf(request['client_ip']);
    case 'user':
      return textOf(document['user']);
    case 'name':
      return segment.service.Name;
    case 'type':
      return segment.service.Type;
    case 'message':
      return exceptionMessages(document);
    case 'availabilityzone':
      return textOf(fieldOf(document['aws'], 'ec2')['availability_zone']);
    case 'instance.id':
      return textOf(fieldOf(document['aws'], 'ec2')['instance_id']);
    default:
      return resourceArnOf(document);
  }
}

function exceptionMessages(document: JsonObject): string | undefined {
  const exceptions = objectsIn(fieldOf(document, 'cause')['exceptions']);
  return exceptions.length === 0
    ? undefined
    : exceptions.map((one) => textOf(one['message']) ?? '').join('\n');
}

function selects(selector: ServiceSelector, service: ServiceId): boolean {
  return (
    (selector.name === undefined || selector.name === service.Name) &&
    (selector.type === undefined || selector.type === service.Type) &&
    (selector.accountId === undefined || selector.accountId === service.AccountId)
  );
}

function holds(found: FilterValue, relation: Relation, wanted: FilterValue): boolean {
  switch (relation) {
    case '=':
      return found === wanted;
    case '!=':
      return found !== wanted;
    case '<':
      return found < wanted;
    case '<=':
      return found <= wanted;
    case '>':
      return found > wanted;
    case '>=':
      return found >= wanted;
    case 'CONTAINS':
      return String(found).includes(String(wanted));
    case 'BEGINSWITH':
      return String(found).startsWith(String(wanted));
    case 'ENDSWITH':
      return String(found).endsWith(String(wanted));
  }
}
