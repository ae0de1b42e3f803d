/** How long the flush of a tracer may hold up the end of a process. */
const patienceMs = 3_000;

/**
 * Ends this process properly when it is told to, or when the one that started it is gone.
 *
 * `close` must make everything stop that keeps the process alive. It then ends by itself, which lets the tracer
 * send what it holds.
 */
export function endWith(close: () => void): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    close();
    if (process.connected) process.disconnect();
    setTimeout(() => process.exit(0), patienceMs).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  // Also when the parent was killed and could not say goodbye.
  process.once('disconnect', end);
}
