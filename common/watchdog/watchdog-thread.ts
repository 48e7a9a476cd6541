// The thread of Watchdog. It uses nothing of the main thread, which does not answer when it matters.

import { write } from 'node:fs'
import { type Debugger, Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'
import { HANG_EXIT_CODE, type WatchPlan } from './watch-plan.ts'

/** A thread that has not come to a stop by then is in native code: a busy machine takes seconds. */
const PAUSE_MS = 5000
/** Once it has stopped it ends the process itself, which a busy machine takes seconds for as well. */
const END_MS = 10_000
/** A line that is not written by then stays unwritten. */
const WRITE_MS = 2000
const MOST_FRAMES = 30
/** As in a line of the log: `fatal`. */
const FATAL = 60

const { beats, tickMs, hangMs, format }: WatchPlan = workerData
let seen = 0
let silentTicks = 0

const ticks = setInterval(() => {
  const beaten = Atomics.load(beats, 0)
  const alive = beaten !== seen || Atomics.load(beats, 1) === 1
  silentTicks = alive ? 0 : silentTicks + 1
  seen = beaten
  if (silentTicks * tickMs < hangMs) return
  clearInterval(ticks)
  end()
}, tickMs)

/** The main thread is stopped where it is, its stack written, and the process ended from there. */
function end(): void {
  const session = new Session()
  const urls = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    clearTimeout(inNativeCode)
    const [{ callFrameId } = { callFrameId: '' }] = callFrames
    // `process.exit` would run listeners, which may wait for what hangs.
    const expression = `process.reallyExit(${HANG_EXIT_CODE})`
    say(
      callFrames.slice(0, MOST_FRAMES).map((frame) => lineOf(frame, urls)),
      () => {
        session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression }, kill)
        // It also keeps this thread: Node aborts where the main thread writes to one that has ended.
        setTimeout(kill, END_MS)
      },
    )
  })
  const inNativeCode = setTimeout(() => say(undefined, kill), PAUSE_MS)
  session.connectToMainThread()
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}

const kill = (): void => void process.kill(process.pid, 'SIGKILL')

/** As V8 writes a line of a stack. */
function lineOf(frame: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const { functionName, location } = frame
  const { scriptId, lineNumber, columnNumber = 0 } = location
  const at = `${urls.get(scriptId) ?? 'unknown'}:${lineNumber + 1}:${columnNumber + 1}`
  return `    at ${functionName === '' ? '<anonymous>' : functionName} (${at})`
}

/**
 * Without pino, whose stream belongs to the main thread, and without waiting for it: a log that nobody
 * reads may be what holds the main thread, and would hold this one. `then` runs in any case.
 */
function say(frames: readonly string[] | undefined, then: () => void): void {
  const seconds = hangMs / 1000
  const msg = `the event loop has hung for ${seconds} s: the process ends, whoever supervises it starts it again`
  const stack = frames?.join('\n') ?? '    in native code, where no stack can be taken'
  const time = new Date().toISOString()
  const line = JSON.stringify({ level: FATAL, time, name: 'main', stack, msg })
  const unread = setTimeout(then, WRITE_MS)
  write(1, format === 'json' ? `${line}\n` : `[${time}] FATAL (main): ${msg}\n${stack}\n`, () => {
    clearTimeout(unread)
    then()
  })
}
