/** Moves the focus to the next title or value of the rail. */
export function walkRail(from: HTMLElement, by: 1 | -1): void {
  const rail = from.closest('[data-facet-rail]');
  const stops = [...(rail?.querySelectorAll<HTMLElement>('[data-value],[data-facet-title]') ?? [])];
  stops[stops.indexOf(from) + by]?.focus();
}
