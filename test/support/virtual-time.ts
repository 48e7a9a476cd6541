import { jest } from '@jest/globals'

/**
 * From now on time stands still but for what `pass` lets by: setTimeout, setInterval, Date and
 * performance. Sockets, disks and the sleeps of node:timers/promises go on as ever, so `eventually`
 * can be waited for. Ended by jest.useRealTimers().
 */
export function stopTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
}

/** Lets so many milliseconds pass, and what is due by then run. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms)
