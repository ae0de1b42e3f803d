/** Which groups are shown alone or left out, by name. */
export interface GroupFilter {
  readonly isolated: string | undefined;
  readonly hidden: ReadonlySet<string>;
}

export const noGroupFilter: GroupFilter = { isolated: undefined, hidden: new Set() };

/** `name` alone, or all again when it already is. */
export function isolate(filter: GroupFilter, name: string): GroupFilter {
  return { hidden: new Set(), isolated: filter.isolated === name ? undefined : name };
}

/** `name` left out, or back in. */
export function toggleHidden(filter: GroupFilter, name: string): GroupFilter {
  const hidden = new Set(filter.hidden);
  if (!hidden.delete(name)) hidden.add(name);
  return { isolated: undefined, hidden };
}
