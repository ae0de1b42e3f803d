/** As tags are compared: in lower case, up to 200 characters. */
export function comparableEnv(env: string): string {
  return env.slice(0, 200).toLowerCase();
}
