import { isSameFacet } from '../../../data/facet-clauses.ts';

/** A key whose values the rail lists, or whose numbers it draws. */
export interface FacetEntry {
  readonly key: string;
  readonly title: string;
  readonly shape: 'values' | 'duration';
  /** Open until somebody closes it. */
  readonly open: boolean;
  /** Values as people know them, where the data spells them otherwise. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface FacetGroup {
  readonly title: string;
  readonly facets: readonly FacetEntry[];
}

const values = (
  key: string,
  title: string,
  more: Partial<Pick<FacetEntry, 'open' | 'names'>> = {},
): FacetEntry => ({ key, title, shape: 'values', open: false, ...more });

const GROUPS: readonly FacetGroup[] = [
  {
    title: 'Core',
    facets: [
      values('status', 'Status', { open: true }),
      values('service', 'Service', { open: true }),
      { key: '@duration', title: 'Duration', shape: 'duration', open: true },
      values('type', 'Type', { open: true }),
      values('source', 'Source', {
        open: true,
        names: { dd: 'APM', otel: 'OTel', xray: 'X-Ray' },
      }),
      values('env', 'Environment'),
      values('operation_name', 'Operation'),
      values('resource_name', 'Resource'),
      values('kind', 'Kind'),
      values('version', 'Version'),
    ],
  },
  {
    title: 'HTTP',
    facets: [
      values('@http.method', 'Method'),
      values('@http.status_code', 'Status code'),
      values('@http.route', 'Route'),
    ],
  },
  {
    title: 'AWS',
    facets: [
      values('function', 'Function'),
      values('region', 'Region'),
      values('@cold_start', 'Cold start'),
      values('@function_version', 'Function version'),
      values('@aws.service', 'AWS service'),
      values('@aws.operation', 'AWS operation'),
    ],
  },
  {
    title: 'Errors and dependencies',
    facets: [values('@error.type', 'Error type'), values('@peer.service', 'Peer service')],
  },
];

export const OWN_GROUP = 'Added by you';

/** The groups of the rail, with the keys that somebody added last. */
export function facetGroups(added: readonly string[]): readonly FacetGroup[] {
  if (added.length === 0) return GROUPS;
  const facets = added.map((key) => values(key, key.replace(/^@/, ''), { open: true }));
  return [...GROUPS, { title: OWN_GROUP, facets }];
}

/** The facet of the rail for a key, under any of its names. */
export function findFacet(key: string, added: readonly string[]): FacetEntry | undefined {
  return facetGroups(added)
    .flatMap(({ facets }) => facets)
    .find((entry) => isSameFacet(entry.key, key));
}
