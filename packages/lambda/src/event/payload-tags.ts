// Events and results as tags, if the function asks for it.

const secret =
  /^(?:authorization|x-authorization|password|token|cookie|set-cookie|secret|api_key|x-api-key|access_token|client_secret)$/i;
const valueLimit = 5000;
const tagLimit = 1000;
const totalLimit = 65_536;

/** Sets `value` on `span` as tags below `root`, one per leaf, secrets hidden, within limits. */
export function tagPayload(
  span: { setTag(key: string, value: unknown): unknown },
  root: string,
  value: unknown,
  maxDepth: number,
): void {
  let tags = 0;
  let total = 0;
  let full = false;

  const leaf = (key: string, text: string): void => {
    const kept = text.slice(0, valueLimit);
    total += key.length + kept.length;
    if (++tags > tagLimit || total > totalLimit) full = true;
    else span.setTag(key, kept);
  };

  const walk = (key: string, name: string, one: unknown, depth: number): void => {
    if (full) return;
    if (secret.test(name)) leaf(key, 'redacted');
    else if (one === null || one === undefined) return;
    else if (depth >= maxDepth) leaf(key, stringify(one));
    else if (typeof one === 'string') {
      const inner = innerJson(one);
      if (inner === undefined) leaf(key, one);
      else walk(key, name, inner, depth + 1);
    } else if (typeof one === 'object') {
      for (const [child, next] of Object.entries(one))
        walk(`${key}.${child}`, child, next, depth + 1);
    } else leaf(key, stringify(one));
  };

  walk(root, root, value, 0);
  if (full) span.setTag(`${root}._truncated`, 'true');
}

/** A text that holds JSON is taken apart too, but a number in quotes is a text. */
function innerJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** As text; secrets in what is too deep to be taken apart stay hidden. */
function stringify(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, (key, one: unknown) => (secret.test(key) ? 'redacted' : one));
  } catch {
    return '';
  }
}
