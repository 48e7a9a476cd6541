// The small process that starts ffmpeg for a server (fork-server.ts). It lives as long as it is connected.

import { Fault } from '../../common/errors.ts'
import type { ForkFault, FromForkServer, ToForkServer } from './fork-server-messages.ts'
import { runFfmpeg, TookTooLong } from './run-ffmpeg.ts'

const running = new Map<number, AbortController>()

function faultOf(error: unknown): ForkFault {
  if (error instanceof TookTooLong) return 'late'
  if (!(error instanceof Fault)) return 'busy'
  return error.code === 'NO_CONVERTER' ? error.code : 'MEDIA_UNREADABLE'
}

const say = (message: FromForkServer): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

async function take(message: ToForkServer): Promise<void> {
  if ('cancel' in message) return running.get(message.cancel)?.abort()
  const { id, args, input, limits } = message
  const leaving = new AbortController()
  running.set(id, leaving)
  try {
    say({ id, output: await runFfmpeg(args, input, leaving.signal, limits) })
  } catch (error) {
    say({ id, fault: faultOf(error) })
  } finally {
    running.delete(id)
  }
}

process.on('message', (message) => void take(message as ToForkServer))
// With what it started killed, nothing keeps it.
process.on('disconnect', () => {
  for (const leaving of running.values()) leaving.abort()
})
// Ctrl-C reaches the whole process group, while viewers still finish; the server says when to go.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
