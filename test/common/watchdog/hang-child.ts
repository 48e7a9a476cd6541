// Hangs in the way that its argument names, watched with a short patience; watchdog.test.ts reads it.

import { execFileSync } from 'node:child_process'
import inspector from 'node:inspector'
import { createLog, type LogFormat } from '../../../common/log.ts'
import { Watchdog } from '../../../common/watchdog/watchdog.ts'

const [way = '', format = 'json'] = process.argv.slice(2)
const HANG_MS = 1000

/** Holds this thread, for ever without `ms`. */
const hold = (ms?: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const ways: Readonly<Record<string, () => unknown>> = {
  loop() {
    for (let n = 0; ; n++) Math.sqrt(n)
  },
  pattern: () => /^(a+)+$/.test(`${'a'.repeat(80)}!`),
  wait: () => hold(),
  promises() {
    const again = (): Promise<void> => Promise.resolve().then(again)
    void again()
  },
  ticks() {
    const again = (): void => process.nextTick(again)
    again()
  },
  microtasks() {
    const again = (): void => queueMicrotask(again)
    again()
  },
  // An open debugger may hold it: it is told with the next beat.
  debugged: () => {
    inspector.open(0, '127.0.0.1')
    setTimeout(() => {
      hold(3 * HANG_MS)
      inspector.close()
      void stop()
    }, HANG_MS / 2)
  },
  native: () => execFileSync('sleep', ['30']),
  // Nobody reads the log: the write waits, also where something made the pipe one that does not wait.
  unread: () =>
    execFileSync('sh', ['-c', 'exec cat /dev/zero'], { stdio: ['ignore', 1, 'ignore'] }),
  // Long work that lets the event loop go on is no hang.
  busy() {
    const spin = (rounds: number): void => {
      hold(HANG_MS / 10)
      if (rounds > 0) setImmediate(spin, rounds - 1)
      else void stop()
    }
    spin(30)
  },
  closed: () => watchdog.close().then(() => setTimeout(() => process.exit(3), 2 * HANG_MS)),
  // Its parent stops it for longer than it may hang.
  stopped: () => setTimeout(() => void stop(), 2 * HANG_MS),
}

const log = createLog('info', format as LogFormat)('main')
const watchdog = new Watchdog({ log, format: format as LogFormat, hangMs: HANG_MS })
const stop = async (): Promise<void> => {
  await watchdog.close()
  process.stdout.write('still there\n')
}
// The thread has to load first.
setTimeout(() => {
  process.stdout.write('now\n')
  ways[way]?.()
}, HANG_MS / 2)
