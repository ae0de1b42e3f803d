import { setting } from '../environment.ts';
import { isObject, textOf, type Loose } from '../loose.ts';
import type { Span } from './span.ts';

let rules: readonly Loose[] | undefined;

/** The rate of the first rule of `DD_TRACE_SAMPLING_RULES` that fits the first span of a trace. */
export function ruleRate(span: Span): number | undefined {
  rules ??= readRules();
  for (const rule of rules) {
    const rate: unknown = rule['sample_rate'];
    const fits =
      matches(rule['service'], span.service) &&
      matches(rule['name'], span.name) &&
      matches(rule['resource'], span.resource) &&
      Object.entries(isObject(rule['tags']) ? rule['tags'] : {}).every(([key, pattern]) =>
        matches(pattern, span.meta[key] ?? ''),
      );
    if (fits && typeof rate === 'number') return Math.min(Math.max(rate, 0), 1);
  }
  return undefined;
}

function readRules(): Loose[] {
  try {
    const list: unknown = JSON.parse(setting('TRACE_SAMPLING_RULES') ?? '[]');
    return Array.isArray(list) ? list.filter(isObject) : [];
  } catch {
    return [];
  }
}

/** Patterns know `*` and `?`, and ignore case. No pattern fits everything. */
function matches(pattern: unknown, text: string): boolean {
  const glob = textOf(pattern);
  if (glob === undefined) return true;
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const source = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}
