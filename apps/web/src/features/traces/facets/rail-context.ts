import { withoutFacet } from '../../../data/facet-clauses.ts';
import { composeQuery } from '../compose-query.ts';
import type { ExplorerView } from '../url.ts';

/** What every facet of the rail works on. */
export interface RailContext {
  readonly view: ExplorerView;
  readonly refreshMs: number | undefined;
  /** Changes the query. `keepsEnv` is false where the environment of the header became a part of it. */
  readonly onQuery: (q: string, keepsEnv: boolean) => void;
}

/** What a facet's counts are made of: the query without its own clauses, so that what else could be chosen stays in view. */
export function countedQuery(view: ExplorerView, facet: string): string | undefined {
  const q = withoutFacet(view.q, facet);
  return q === undefined
    ? undefined
    : composeQuery(q, view.scope, facet === 'env' ? undefined : view.env);
}
