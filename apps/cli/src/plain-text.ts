// Control characters, and the marks that turn the direction of text around.
// oxlint-disable-next-line no-control-regex -- these characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from a span as one line for a terminal: whoever sends spans must not be able to move the reader's cursor or recolour it. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, (found) => (found === '\n' || found === '\t' ? ' ' : '·'));
}

/** At most `width` characters, the last of which says that there was more. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}
