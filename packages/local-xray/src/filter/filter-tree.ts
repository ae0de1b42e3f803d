/** Relations between a keyword and a value. */
export type Relation =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'CONTAINS'
  | 'BEGINSWITH'
  | 'ENDSWITH';

/** A value in an expression. */
export type FilterValue = string | number | boolean;

/** Which services are meant: every one, those of a name, or those with given parts of their identity. */
export interface ServiceSelector {
  readonly name?: string;
  readonly type?: string;
  readonly accountId?: string;
}

/** A parsed filter expression. */
export type FilterTree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly part: FilterTree }
  | { readonly kind: 'flag'; readonly name: string }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly relation: Relation;
      readonly value: FilterValue;
    }
  | {
      readonly kind: 'annotation';
      readonly key: string;
      readonly relation?: Relation;
      readonly value?: FilterValue;
    }
  | { readonly kind: 'service'; readonly selector: ServiceSelector; readonly inside?: FilterTree }
  | {
      readonly kind: 'edge';
      readonly from: ServiceSelector;
      readonly to: ServiceSelector;
      readonly inside?: FilterTree;
    }
  | { readonly kind: 'group'; readonly by: 'name' | 'arn'; readonly value: string };

/** Keywords that stand alone. */
export const flags: ReadonlySet<string> = new Set([
  'ok',
  'error',
  'fault',
  'throttle',
  'partial',
  'inferred',
  'first',
  'last',
  'remote',
  'root',
]);

/** Keywords with numbers. */
export const numbers: ReadonlySet<string> = new Set(['responsetime', 'duration', 'http.status']);

/** Keywords with text. */
export const strings: ReadonlySet<string> = new Set([
  'http.url',
  'http.method',
  'http.useragent',
  'http.clientip',
  'user',
  'name',
  'type',
  'message',
  'availabilityzone',
  'instance.id',
  'resource.arn',
]);
