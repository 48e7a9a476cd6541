/** Holds this thread for so many milliseconds, as hashing or a large list does. */
export function keepBusy(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
