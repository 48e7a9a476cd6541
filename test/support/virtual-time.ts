import { jest } from '@jest/globals'
import { eventually } from './wait.ts'

/**
 * From now on time stands still but for what is let by below: setTimeout, setInterval, Date and
 * performance. Sockets, disks and the sleeps of node:timers/promises go on as ever, so `eventually`
 * can be waited for. Ended by jest.useRealTimers().
 */
export function stopTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
}

/** Lets so many milliseconds pass, and what is due by then run. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms)

/** Lets time pass, `stepMs` a turn, until it is so. */
export async function passUntil(what: string, is: () => boolean, stepMs = 20): Promise<void> {
  await eventually(what, async () => {
    await pass(stepMs)
    return is()
  })
}

/** Why the promise rejects when time passes. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  let error: unknown
  promise.catch((thrown: unknown) => {
    error = thrown
  })
  await passUntil('the failure', () => error !== undefined)
  return error
}
