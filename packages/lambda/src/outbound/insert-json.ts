/**
 * Adds one member to a JSON object that is given as text, without touching the rest: parsing and printing would change large
 * numbers. `undefined` if the text is no object or has a member of that name.
 */
export function insertMember(json: string, name: string, value: unknown): string | undefined {
  const quoted = JSON.stringify(name);
  if (json.includes(quoted)) return undefined;
  const end = json.trimEnd();
  if (!/^\s*\{/.test(json) || !end.endsWith('}')) return undefined;
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
  const body = end.slice(0, -1).trimEnd();
  const comma = body.trimStart() === '{' ? '' : ',';
  return `${body}${comma}${quoted}:${JSON.stringify(value)}}`;
}
