/**
 * The text of an error from AWS without what must not be logged or shown. Access key ids are shortened rather than removed: which
 * key it was is what one needs to know. Complaints about signatures quote the whole signed request, session token included.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(/\s*The Canonical String for this request should have been[^]*$/, '')
    .replace(/\b(A[KS]IA|AROA|AIDA)[A-Z0-9]{8,}([A-Z0-9]{4})\b/g, '$1…$2')
    .replace(/\b(x-amz-security-token|signature|credential)([:=]\s*)[^\s,;&]+/gi, '$1$2…')
    .replace(/(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}/g, (run) =>
      looksRandom(run) ? '…' : run,
    );
}

/** Secret keys, session tokens and encoded messages mix all kinds of characters; long names of roles or keys seldom do. */
function looksRandom(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run);
}
