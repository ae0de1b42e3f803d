/**
 * What the explorer is asked for to show a service's requests; of something that is known from its callers only, the calls
 * they make.
 */
export function serviceQuery(
  node: { readonly service: string; readonly inferred: boolean },
  callers: readonly string[],
): string {
  if (!node.inferred) return `service:${quoted(node.service)}`;
  const names = callers.map(quoted);
  const from = names.length === 1 ? names[0]! : `(${names.join(' OR ')})`;
  return `${names.length === 0 ? '' : `service:${from} `}kind:(client OR producer)`;
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}
