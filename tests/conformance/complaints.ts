/** Words by which tracers tell that something is wrong, mostly with the agent they talk to. */
const worried =
  /\b(?:errors?|warn(?:ings?)?|fail(?:ed|ure|s)?|cannot|could not|unable|refused|timed? ?out)\b/i;

/** The runtime's own remark that class sharing and agents exclude each other: nothing about tracing. */
const aboutClassSharing = /Sharing is only supported for boot loader classes/;

/**
 * The lines in which a client complains, from everything it wrote.
 *
 * Its start-up note is one long line of settings in which "error" is a key: there, only a reported agent error counts.
 */
export function complaints(output: string): string[] {
  return output.split('\n').filter((line) => {
    if (line.startsWith('{') || aboutClassSharing.test(line)) return false;
    if (line.includes('DATADOG TRACER CONFIGURATION')) {
      return /"agent_error":(?!""|false)/.test(line) || line.includes('"agent_reachable":false');
    }
    return worried.test(line) || line.includes('DATADOG TRACER DIAGNOSTIC');
  });
}
