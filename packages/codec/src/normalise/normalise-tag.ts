/** Longest tag value, counted in code points of what came in. */
const LONGEST = 200;

const LETTER = /\p{L}/u;
const KEPT = /[\p{L}\p{Nd}:./-]/u;

/**
 * The form in which service names, environments and tag values are compared: lower case; letters, digits, `_ - : . /`;
 * every run of anything else one `_`; nothing but a letter or `:` in front, no `_` at the end.
 */
export function normaliseTag(text: string): string {
  if (isNormalTag(text)) return text;
  let out = '';
  let gap = false;
  let seen = 0;
  for (const raw of text) {
    if (seen++ === LONGEST) break;
    const lower = raw.toLowerCase();
    // A few capitals become two characters in lower case; the rule is one for one.
    const char = lower.length > raw.length ? String.fromCodePoint(lower.codePointAt(0)!) : lower;
    if (out === '' && char !== ':' && !LETTER.test(char)) continue;
    if (KEPT.test(char)) {
      if (gap) out += '_';
      gap = false;
      out += char;
    } else {
      gap = true;
    }
  }
  return out;
}

/** Nearly every text is in order already: one look tells. */
function isNormalTag(text: string): boolean {
  return text.length <= LONGEST && /^[a-z:](?:_?[a-z0-9:./-])*$/.test(text);
}
