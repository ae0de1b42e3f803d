import type { ServiceJson } from '@spanloom/contract';

/** Columns that the list can be sorted by. */
const sortKeys = ['name', 'type', 'requests', 'errors', 'p50', 'p95', 'p99', 'seen'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Sort {
  readonly by: SortKey;
  readonly descending: boolean;
}

/** Which services are listed. */
export type ServiceGroup = 'all' | 'code' | 'data' | 'messages' | 'external';

const GROUPS: Readonly<Record<ServiceJson['type'], ServiceGroup>> = {
  service: 'code',
  function: 'code',
  apigateway: 'code',
  workflow: 'code',
  database: 'data',
  cache: 'data',
  storage: 'data',
  queue: 'messages',
  bus: 'messages',
  aws: 'external',
  external: 'external',
};

export function groupOf({ type }: ServiceJson): ServiceGroup {
  return GROUPS[type];
}

/** The list as the URL asks for it: names that hold the text, in the order of a column; without a value last. */
export function serviceRows(
  services: readonly ServiceJson[],
  wanted: { readonly text: string; readonly group: ServiceGroup; readonly sort: Sort },
): readonly ServiceJson[] {
  const text = wanted.text.trim().toLowerCase();
  const { by, descending } = wanted.sort;
  return services
    .filter(
      (one) =>
        (wanted.group === 'all' || groupOf(one) === wanted.group) &&
        one.service.toLowerCase().includes(text),
    )
    .toSorted((a, b) => {
      const [x, y] = [valueOf(a, by), valueOf(b, by)];
      if (x === y) return a.id < b.id ? -1 : 1;
      if (x === null) return 1;
      if (y === null) return -1;
      return (x < y ? -1 : 1) * (descending ? -1 : 1);
    });
}

function valueOf(one: ServiceJson, by: SortKey): number | string | null {
  switch (by) {
    case 'name':
      return one.service.toLowerCase();
    case 'type':
      return one.type;
    case 'requests':
      return one.requests;
    case 'errors':
      return one.requests === 0 ? null : one.errors / one.requests;
    case 'p50':
      return one.p50_ns;
    case 'p95':
      return one.p95_ns;
    case 'p99':
      return one.p99_ns;
    case 'seen':
      return one.last_seen;
  }
}

/** `-requests` as the URL has it; anything else is the busiest first. */
export function readSort(text: string | undefined): Sort {
  const descending = text?.startsWith('-') === true;
  const name = (text ?? '').replace(/^-/, '') as SortKey;
  return sortKeys.includes(name) ? { by: name, descending } : { by: 'requests', descending: true };
}

/** What a click on a column's head asks for: names upwards first, figures downwards, and the other way round next. */
export function nextSort(now: Sort, by: SortKey): string {
  const descending = now.by === by ? !now.descending : by !== 'name' && by !== 'type';
  return `${descending ? '-' : ''}${by}`;
}
