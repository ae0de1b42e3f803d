/** The largest end at or below `start + limit` that does not cut a UTF-8 character of `bytes[start, end)` in two. */
export function truncatedEnd(bytes: Uint8Array, start: number, end: number, limit: number): number {
  if (end - start <= limit) return end;
  let cut = start + limit;
  // 10xxxxxx continues a character. A character has at most three of these: anything longer is not UTF-8.
  for (let i = 0; i < 3 && cut > start && (bytes[cut]! & 0xc0) === 0x80; i++) cut--;
  return cut;
}

/** `text` cut to at most `limit` bytes of UTF-8 on a character boundary. */
export function truncateText(text: string, limit: number): string {
  // No character takes more than three bytes per UTF-16 unit.
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length <= limit
    ? text
    : bytes.toString('utf8', 0, truncatedEnd(bytes, 0, bytes.length, limit));
}
