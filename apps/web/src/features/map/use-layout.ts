import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { layoutMap, type MapLayout, topology } from './map-layout.ts';
import type { ShownMap } from './map-view.ts';

/** Where everything is drawn; found again only when something comes or goes, so that a refresh moves nothing. */
export function useLayout(shown: ShownMap | undefined): MapLayout | undefined {
  const key = shown === undefined ? '' : topology(shown.nodes, shown.edges);
  const found = useQuery({
    queryKey: ['map-layout', key],
    queryFn: () => layoutMap(shown!.nodes, shown!.edges),
    enabled: shown !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  return found.data;
}
